// What was published, what has changed, and the way back; the test calls.
import { useEffect, useState } from "react";
import { get, post } from "../../../lib/api.js";

export function Versions({ flow, nodes, mayChange, stamp, back }) {
  const [rows, setRows] = useState(null);
  const [shown, setShown] = useState(null);
  const [error, setError] = useState("");
  useEffect(() => {
    get(`/ivr/flows/${flow.id}/versions/`).then(setRows, (failure) => setError(failure.message));
  }, [flow.id, stamp]);

  async function compare(number) {
    try {
      setShown({ number, changes: await get(`/ivr/flows/${flow.id}/versions/${number}/compare/0/`) });
    } catch (failure) { setError(failure.message); }
  }

  if (error) return <p className="note" data-tone="bad" role="alert">{error}</p>;
  if (!rows) return <p className="empty">Loading…</p>;
  if (!rows.length) return <p className="empty">Nothing is published yet: callers get this menu once you publish it.</p>;
  return (
    <section aria-label="Versions" className="mb-versions">
      {rows.map((row) => (
        <article key={row.number}>
          <header><b>Version {row.number}</b>{row.current && <span className="badge" data-tone="good">takes the calls</span>}</header>
          <p className="small quiet">{new Date(row.made_at).toLocaleString()} {row.made_by && `· ${row.made_by}`}</p>
          {row.note && <p className="small">{row.note}</p>}
          <div className="mb-row">
            <button className="button small" type="button" onClick={() => compare(row.number)}>Compare with what is saved</button>
            {mayChange && !row.current && <button className="button small" type="button" onClick={() => back(row.number)}>Go back to it</button>}
          </div>
          {shown?.number === row.number && <Changes rows={shown.changes} nodes={nodes} />}
        </article>
      ))}
    </section>
  );
}

function Changes({ rows, nodes }) {
  // People know nodes by their names; one that is gone keeps its id.
  const named = (id) => nodes[id]?.name || id;
  const where = (path) => {
    const [first, id, ...rest] = path.split(".");
    return first === "nodes" ? [named(id), ...rest].join(" · ") : path;
  };
  if (!rows.length) return <p className="small quiet">The same.</p>;
  return (
    <dl className="mb-changes">
      {rows.map((one) => (
        <div key={one.path}><dt>{where(one.path)}</dt><dd>{one.before !== null && <del>{named(one.before)}</del>} {one.after !== null && <ins>{named(one.after)}</ins>}</dd></div>
      ))}
    </dl>
  );
}

export function Cases({ flow, doc, mayChange, stamp, drop }) {
  const [rows, setRows] = useState(null);
  const [error, setError] = useState("");
  const run = () => post(`/ivr/flows/${flow.id}/cases/run/`, { document: doc }).then((found) => { setRows(found); setError(""); }, (failure) => setError(failure.message));
  useEffect(() => { run(); }, [flow.id, stamp]);
  return (
    <section aria-label="Test calls">
      <div className="mb-row"><h3>Test calls</h3><button className="button small" type="button" onClick={run}>Run again</button></div>
      {error && <p className="note small" data-tone="bad">{error}</p>}
      {rows && !rows.length && <p className="small quiet">None yet: try the menu, then keep the trial. Publishing plays all of them and stops when one goes another way.</p>}
      <ul className="mb-cases">
        {(rows ?? []).map((row) => (
          <li key={row.id}>
            <span className="badge" data-tone={row.passed ? "good" : "bad"}>{row.passed ? "passes" : "fails"}</span> {row.name}
            {mayChange && <button className="button bare small" type="button" aria-label={`Delete the test call ${row.name}`} onClick={() => drop(row.id)}>✕</button>}
            {row.why && <p className="small">{row.why}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}
