// The page on which a voice menu is drawn. The server judges every document again; what is checked here is a courtesy.
import "@xyflow/react/dist/style.css";
import { useCallback, useEffect, useMemo, useState } from "react";
import { createRoot } from "react-dom/client";
import { get, post, put, remove as discard } from "../../../lib/api.js";
import { Drawing } from "./drawing.jsx";
import { Properties } from "./fields.jsx";
import { added, arranged, begun, changed, merged, redone, undone, withNode, withoutNodes } from "./model.js";
import { Phone } from "./phone.jsx";
import { Cases, Versions } from "./versions.jsx";

const data = JSON.parse(document.getElementById("menu-data").textContent);
const kinds = Object.fromEntries(data.kinds.map((kind) => [kind.name, kind]));
const path = `/ivr/flows/${data.flow.id}`;
const TABS = { node: "Node", phone: "Try it", check: "Check", versions: "Versions" };
const nothing = { nodes: new Set(), edges: new Set() };

function App() {
  const [history, setHistory] = useState(null);
  const [revision, setRevision] = useState(0);
  const [kept, setKept] = useState(null);
  const [drawn, setDrawn] = useState(true);
  const [faults, setFaults] = useState([]);
  const [selected, setSelected] = useState(null);
  const [tab, setTab] = useState("node");
  const [lit, setLit] = useState(nothing);
  const [news, setNews] = useState(null);
  const [busy, setBusy] = useState(false);
  const [stamp, setStamp] = useState(0);
  const [fit, setFit] = useState(0);
  const [heat, setHeat] = useState(null);

  const take = useCallback((read) => {
    const doc = arranged(read.document, kinds);
    setHistory(begun(doc));
    setKept(doc);
    setRevision(read.revision);
    setDrawn(read.drawn);
    setFaults(read.faults);
    setFit((n) => n + 1);
  }, []);
  const load = useCallback(() => get(`${path}/document/`).then(take, (failure) => tell(failure.message, "bad")), [take]);
  useEffect(() => { load(); }, [load]);

  const doc = history?.now;
  const dirty = doc !== kept;
  const tell = (text, tone = "good", more = null) => setNews({ text, tone, more });
  const change = useCallback((next, tag) => setHistory((now) => changed(now, typeof next === "function" ? next(now.now) : next, tag)), []);
  const select = useCallback((id) => { setSelected(id); if (id) setTab((now) => (now === "phone" || now === "versions" ? now : "node")); }, []);

  // What is wrong is shown a moment after the last change.
  useEffect(() => {
    if (!doc || !dirty) return undefined;
    const later = setTimeout(() => {
      post(`${path}/validate/`, { document: doc }).then((answer) => setFaults(answer.faults), () => {});
    }, 500);
    return () => clearTimeout(later);
  }, [doc, dirty]);
  useEffect(() => {
    const stay = (event) => { if (dirty) event.preventDefault(); };
    addEventListener("beforeunload", stay);
    return () => removeEventListener("beforeunload", stay);
  }, [dirty]);

  const light = useCallback((steps, at) => {
    setLit({
      nodes: new Set([...steps.map((step) => step.node), ...(at ? [at] : [])]),
      edges: new Set(steps.filter((step) => step.edge).map((step) => `${step.node}/${step.edge}`)),
    });
  }, []);
  useEffect(() => { if (tab !== "phone") setLit(nothing); }, [tab]);

  async function save() {
    const read = await put(`${path}/document/`, { revision, document: doc });
    setKept(doc);
    setRevision(read.revision);
    setDrawn(true);
    setFaults(read.faults);
    setStamp((n) => n + 1);
  }
  async function doing(act, done) {
    setBusy(true);
    setNews(null);
    try {
      await act();
      if (done) tell(done());
    } catch (failure) {
      const places = Object.entries(failure.fields ?? {}).map(([where, texts]) => `${where.replace(/^nodes\./, "")}: ${texts.join(" ")}`);
      tell(failure.message, "bad", places);
      if (failure.code === "faulty_flow") setTab("check");
      if (failure.code === "stale") setNews({ text: failure.message, tone: "bad", act: ["Bring both together", together] });
    } finally {
      setBusy(false);
    }
  }
  const together = () => doing(async () => {
    const read = await get(`${path}/document/`);
    const theirs = arranged(read.document, kinds);
    const { doc: both, conflicts } = merged(kept, doc, theirs, kinds);
    setKept(theirs);
    setRevision(read.revision);
    change(both);
    const names = conflicts.map((id) => (doc.nodes[id] ?? theirs.nodes[id]).name || id);
    tell(names.length ? `Both of you changed ${names.join(", ")}: theirs is shown. Undo brings yours back.` : "Your changes are in their drawing now. Look at it, then save.", names.length ? "bad" : "good");
  });
  const showHeat = (days) => (days ? get(`${path}/heat/?days=${days}`).then(setHeat, (failure) => tell(failure.message, "bad")) : setHeat(null));
  const saveOnly = () => doing(save, () => "Saved. Callers get it once you publish.");
  const publish = () => doing(async () => {
    if (dirty || !drawn) await save();
    const note = globalThis.prompt("What has changed? (may stay empty)", "");
    if (note === null) throw new Error("Saved, not published.");
    const version = await post(`${path}/publish/`, { note });
    data.flow.version = version.number;
    setStamp((n) => n + 1);
  }, () => `Version ${data.flow.version} ${data.flow.active ? "takes the calls from now on" : "is published. Switch the menu on in its settings, and it takes calls"}.`);
  const back = (number) => doing(async () => {
    if (dirty && !globalThis.confirm("What you have not saved is lost. Go back all the same?")) throw new Error("Nothing was changed.");
    const version = await post(`${path}/rollback/`, { number });
    data.flow.version = version.number;
    await load();
    setStamp((n) => n + 1);
  }, () => `Version ${number} takes the calls again.`);
  const drop = (id) => doing(async () => { await discard(`${path}/cases/${id}/`); setStamp((n) => n + 1); });

  useEffect(() => {
    const onKey = (event) => {
      if (!(event.ctrlKey || event.metaKey)) return;
      const key = event.key.toLowerCase();
      const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
      if (key === "s" && data.mayChange) { event.preventDefault(); if (dirty && !busy) saveOnly(); }
      if (typing || (key !== "z" && key !== "y")) return;
      event.preventDefault();
      setHistory(key === "y" || event.shiftKey ? redone : undone);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  });

  const removeNodes = useCallback((ids) => { change((now) => withoutNodes(now, ids, kinds)); setSelected(null); }, [change]);
  const add = (name) => {
    const [next, id] = added(doc, kinds[name], selected);
    change(next);
    setSelected(id);
    setTab("node");
    setFit((n) => n + 1);
  };
  const faultsOf = useMemo(() => {
    const by = new Map();
    for (const fault of faults) {
      const [root, id] = fault.path.split(".");
      const at = root === "nodes" && id ? id : "";
      by.set(at, [...(by.get(at) ?? []), fault]);
    }
    return by;
  }, [faults]);

  if (!doc) return news ? <p className="note" data-tone="bad" role="alert">{news.text}</p> : <p className="empty">Loading the drawing…</p>;
  const grave = faults.filter((fault) => fault.level !== "hint").length;
  return (
    <div className="mb">
      <div className="mb-bar">
        <h1>{data.flow.name}</h1>
        <span className="badge" data-tone={data.flow.version ? "good" : "wait"}>{data.flow.version ? `version ${data.flow.version}` : "not published"}</span>
        <span className="small quiet" role="status">{dirty ? "not saved" : drawn ? "saved" : "filled in on pages; saving makes it a drawing"}</span>
        <select className="mb-add" aria-label="What real callers did" defaultValue="" onChange={(event) => showHeat(event.target.value)}>
          <option value="">Callers: hidden</option><option value="1">Callers: last day</option><option value="7">last week</option><option value="30">last month</option>
        </select>
        {data.mayChange && (
          <div className="mb-row mb-do">
            <select className="mb-add" aria-label="Add a node" value="" onChange={(event) => event.target.value && add(event.target.value)}>
              <option value="">Add…</option>
              {data.kinds.map((kind) => <option key={kind.name} value={kind.name}>{kind.label}</option>)}
            </select>
            <button className="button small" type="button" disabled={!history.past.length} onClick={() => setHistory(undone)} aria-keyshortcuts="Control+Z">Undo</button>
            <button className="button small" type="button" disabled={!history.future.length} onClick={() => setHistory(redone)} aria-keyshortcuts="Control+Y">Redo</button>
            <button className="button small" type="button" onClick={() => { change(arranged(doc, kinds, true)); setFit((n) => n + 1); }}>Arrange</button>
            <Files doc={doc} tell={tell} doing={doing} revision={revision} take={take} />
            <button className="button small" type="button" disabled={busy || (!dirty && drawn)} onClick={saveOnly} aria-keyshortcuts="Control+S">Save</button>
            <button className="button small main" type="button" disabled={busy} onClick={publish}>Publish</button>
          </div>
        )}
      </div>
      {news && (
        <div className="note mb-news" data-tone={news.tone} role={news.tone === "bad" ? "alert" : "status"}>
          <div><p>{news.text}</p>{news.more?.length > 0 && <ul>{news.more.slice(0, 8).map((one) => <li key={one}>{one}</li>)}</ul>}</div>
          <div className="mb-row">
            {news.act && <button className="button small" type="button" onClick={news.act[1]}>{news.act[0]}</button>}
            <button className="button bare small" type="button" onClick={() => setNews(null)}>Close</button>
          </div>
        </div>
      )}
      <div className="mb-rooms">
        <Drawing doc={doc} data={data} kinds={kinds} faultsOf={faultsOf} selected={selected} select={select} change={change} removeNodes={removeNodes} lit={lit} heat={heat} fit={fit} />
        <aside className="card mb-side">
          <div className="mb-tabs" role="tablist" aria-label="Side">
            {Object.entries(TABS).map(([name, label]) => (
              <button key={name} role="tab" type="button" aria-selected={tab === name} onClick={() => setTab(name)}>{label}{name === "check" && grave > 0 && <i className="mb-count">{grave}</i>}</button>
            ))}
          </div>
          <div className="mb-panel" role="tabpanel">
            {tab === "node" && <Properties key={selected} id={selected} doc={doc} data={data} kinds={kinds} faults={faultsOf.get(selected) ?? []} change={(node) => change((now) => withNode(now, selected, node), selected)} remove={removeNodes} select={select} start={(id) => change((now) => ({ ...now, start: id }))} />}
            {tab === "phone" && <Phone flow={data.flow} doc={doc} light={light} mayChange={data.mayChange} saved={(text) => { tell(text); setStamp((n) => n + 1); }} />}
            {tab === "check" && (
              <>
                <Faults faults={faults} doc={doc} select={(id) => { setSelected(id); setTab("node"); setFit((n) => n + 1); }} />
                <Cases flow={data.flow} doc={doc} mayChange={data.mayChange} stamp={stamp} drop={drop} />
              </>
            )}
            {tab === "versions" && <Versions flow={data.flow} nodes={doc.nodes} mayChange={data.mayChange} stamp={stamp} back={back} />}
          </div>
        </aside>
      </div>
    </div>
  );
}

function Faults({ faults, doc, select }) {
  if (!faults.length) return <p className="note" data-tone="good">Nothing is wrong. It can be published.</p>;
  return (
    <ul className="mb-faults">
      {faults.map((fault) => {
        const id = fault.path.startsWith("nodes.") ? fault.path.split(".")[1] : "";
        const node = doc.nodes[id];
        return (
          <li key={fault.path + fault.text} data-level={fault.level}>
            {node && <button className="button bare small" type="button" onClick={() => select(id)}>{node.name || id}</button>} {fault.text}
          </li>
        );
      })}
    </ul>
  );
}

function Files({ doc, tell, doing, revision, take }) {
  const save = async () => {
    const file = await get(`${path}/export/`).catch((failure) => tell(failure.message, "bad"));
    if (!file) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify({ ...file, document: doc }, null, 2)], { type: "application/json" }));
    link.download = `${data.flow.name}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  const bring = async (file) => {
    let given;
    try {
      given = JSON.parse(await file.text());
    } catch {
      tell("This file is no JSON document.", "bad");
      return;
    }
    const body = { document: given?.document ?? given, cases: given?.cases, revision };
    doing(async () => take(await post(`${path}/import/`, body)), () => "The file is the drawing now. Callers get it once you publish.");
  };
  return (
    <>
      <button className="button small" type="button" onClick={save}>Export</button>
      <label className="button small mb-file">Import<input className="sr-only" type="file" accept="application/json,.json" onChange={(event) => { if (event.target.files[0]) bring(event.target.files[0]); event.target.value = ""; }} /></label>
    </>
  );
}

createRoot(document.getElementById("builder")).render(<App />);
