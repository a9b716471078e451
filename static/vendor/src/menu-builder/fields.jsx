// The form of a node, made from the server's table of kinds.
import { exitsOf, sortKeys } from "./model.js";

export function Properties({ id, doc, data, kinds, faults, change, remove, select, start }) {
  const node = doc.nodes[id];
  if (!node) {
    return <p className="empty">Choose a node in the drawing to see what it does, or add one. Drag from a dot on its right to where the call goes on.</p>;
  }
  const kind = kinds[node.kind];
  const set = (values) => change({ ...node, ...values });
  return (
    <form className="mb-form" onSubmit={(event) => event.preventDefault()}>
      <header>
        <h2>{kind.label}</h2>
        <p className="quiet small">{kind.words}</p>
      </header>
      {faults.length > 0 && (
        <ul className="mb-faults">{faults.map((one) => <li key={one.path + one.text} data-level={one.level}>{one.text}</li>)}</ul>
      )}
      <fieldset disabled={!data.mayChange}>
        <label className="field"><span>Name</span>
          <input value={node.name ?? ""} maxLength={80} placeholder={id} onChange={(event) => set({ name: event.target.value })} />
        </label>
        {kind.fields.map((field) => (
          <FieldOf key={field.name} field={field} node={node} id={id} doc={doc} data={data} kinds={kinds} set={set} />
        ))}
        <div className="mb-row">
          {doc.start !== id && <button className="button small" type="button" onClick={() => start(id)}>Begin here</button>}
          <button className="button small" type="button" onClick={() => remove([id])}>Delete</button>
        </div>
      </fieldset>
      <Onward kind={kind} node={node} doc={doc} select={select} />
    </form>
  );
}

function Onward({ kind, node, doc, select }) {
  const there = exitsOf(kind, node).filter((exit) => exit.to in doc.nodes);
  if (!there.length) return null;
  return (
    <nav aria-label="Where the call goes on" className="mb-onward">
      {there.map((exit) => (
        <button key={exit.id} type="button" className="button bare small" onClick={() => select(exit.to)}>
          {exit.label} → {doc.nodes[exit.to].name || exit.to}
        </button>
      ))}
    </nav>
  );
}

function FieldOf(props) {
  const { field, node, set } = props;
  const value = node[field.name] ?? field.default ?? null;
  const put = (given) => set({ [field.name]: given });
  const Input = INPUTS[field.type];
  if (field.type === "options" || field.type === "cases") return <Input {...props} />;
  if (field.type === "caller-value") return null;
  if (node.kind === "caller" && field.name === "value") return <NameOf {...props} value={value} put={put} />;
  if (field.type === "yes") {
    return <label className="mb-yes"><input type="checkbox" checked={value === true} onChange={(event) => put(event.target.checked)} /><span>{field.label}</span></label>;
  }
  return (
    <div className="field" role="group" aria-label={field.label}>
      <span className="label" aria-hidden="true">{field.label}</span>
      <Input {...props} value={value} put={put} />
      {field.help && <small className="quiet">{field.help}</small>}
    </div>
  );
}

const Line = ({ field, value, put }) => <input aria-label={field.label} value={value ?? ""} maxLength={field.high || 80} onChange={(event) => put(event.target.value)} />;
const Text = ({ field, value, put }) =>
  field.high > 200 ? <textarea aria-label={field.label} rows={3} value={value ?? ""} maxLength={field.high} onChange={(event) => put(event.target.value)} /> : <Line field={field} value={value} put={put} />;
const Count = ({ field, value, put }) => (
  <input aria-label={field.label} type="number" min={field.low} max={field.high} value={value ?? ""} onChange={(event) => put(event.target.value === "" ? field.default : Number(event.target.value))} />
);
const Choice = ({ field, value, put }) => (
  <select aria-label={field.label} value={value ?? ""} onChange={(event) => put(event.target.value)}>
    {Object.entries(field.choices).map(([name, label]) => <option key={name} value={name}>{label}</option>)}
  </select>
);

function NameOf({ field, node, data, value, put }) {
  if ((node.test ?? "known") === "known") return null;
  const names = node.test === "list" ? data.lists : data.tags;
  return (
    <label className="field"><span>{node.test === "list" ? "List" : "Tag"}</span>
      <select value={value ?? ""} onChange={(event) => put(event.target.value)}>
        <option value="">choose</option>
        {[...new Set([...names, ...(value ? [value] : [])])].map((name) => <option key={name}>{name}</option>)}
      </select>
    </label>
  );
}

export function Target({ field, id, doc, value, put }) {
  return (
    <select aria-label={field.label} value={value ?? ""} onChange={(event) => put(event.target.value || null)}>
      <option value="">{field.needed ? "choose where" : "nowhere"}</option>
      {Object.entries(doc.nodes).map(([other, node]) => <option key={other} value={other}>{node.name || other}{other === id ? " (itself)" : ""}</option>)}
    </select>
  );
}

function Row({ field, data, value, put }) {
  const rows = { schedule: data.schedules, service: data.services, destination: data.destinations }[field.type];
  const groups = new Map();
  for (const row of rows) groups.set(row.what ?? "", [...(groups.get(row.what ?? "") ?? []), row]);
  const known = rows.find((row) => row.id === value?.id);
  const choose = (chosen) => {
    const row = rows.find((one) => one.id === chosen);
    put(row ? (row.kind ? { id: row.id, kind: row.kind, label: row.label } : { id: row.id, label: row.label }) : null);
  };
  return (
    <select aria-label={field.label} value={value?.id ?? ""} onChange={(event) => choose(event.target.value)}>
      <option value="">choose</option>
      {value && !known && <option value={value.id}>{value.label} (not here)</option>}
      {[...groups].map(([what, inside]) => {
        const options = inside.map((row) => <option key={row.id} value={row.id}>{row.label}{row.active === false ? " (off)" : ""}</option>);
        return what ? <optgroup key={what} label={what}>{options}</optgroup> : options;
      })}
    </select>
  );
}

function Prompt({ field, doc, data, value, put }) {
  const own = !value?.prompt;
  const texts = value?.say ?? {};
  const write = (language, text) => {
    const say = { ...texts, [language]: text };
    if (!text) delete say[language];
    put(Object.keys(say).length ? { say } : null);
  };
  return (
    <div className="mb-prompt">
      <select aria-label={`${field.label}: own words or a prompt`} value={own ? "" : value.prompt} onChange={(event) => put(event.target.value ? { prompt: event.target.value } : null)}>
        <option value="">own words</option>
        {!own && !data.prompts.some((one) => one.name === value.prompt) && <option>{value.prompt}</option>}
        <optgroup label="Prompts of the library">{data.prompts.map((one) => <option key={one.name}>{one.name}</option>)}</optgroup>
      </select>
      {own
        ? [...new Set([...doc.languages, ...Object.keys(texts)])].map((language) => (
          <textarea key={language} aria-label={`${field.label}, ${language}`} placeholder={`Text in ${language}`} rows={2} maxLength={2000} value={texts[language] ?? ""} onChange={(event) => write(language, event.target.value)} />
        ))
        : <p className="small quiet">{Object.values(data.prompts.find((one) => one.name === value.prompt)?.texts ?? {})[0] ?? "Not in the library any more."}</p>}
    </div>
  );
}

function Options({ id, doc, data, node, set }) {
  const options = node.options ?? {};
  const free = sortKeys([...data.keys].filter((key) => !(key in options)));
  const put = (key, values) => set({ options: { ...options, [key]: { ...options[key], ...values } } });
  const rename = (key, other) => set({ options: Object.fromEntries(Object.entries(options).map(([one, option]) => [one === key ? other : one, option])) });
  const drop = (key) => set({ options: Object.fromEntries(Object.entries(options).filter(([one]) => one !== key)) });
  return (
    <div className="field" role="group" aria-label="Keys">
      <span className="label" aria-hidden="true">Keys</span>
      {sortKeys(Object.keys(options)).map((key) => (
        <div className="mb-option" key={key}>
          <select aria-label="Key" value={key} onChange={(event) => rename(key, event.target.value)}>
            {[key, ...free].map((one) => <option key={one}>{one}</option>)}
          </select>
          <input aria-label={`What key ${key} means`} placeholder="What it means" maxLength={120} value={options[key].label ?? ""} onChange={(event) => put(key, { label: event.target.value })} />
          <button className="button bare small icon-only" type="button" aria-label={`Remove key ${key}`} onClick={() => drop(key)}>✕</button>
          <Target field={{ label: `Where key ${key} leads`, needed: true }} id={id} doc={doc} value={options[key].to} put={(to) => put(key, { to })} />
          <Phrases option={options[key]} name={key} put={(phrases) => put(key, { phrases })} />
        </div>
      ))}
      {free.length > 0 && <button className="button small" type="button" onClick={() => set({ options: { ...options, [free[0]]: { label: "", to: null } } })}>Add key {free[0]}</button>}
    </div>
  );
}

const Phrases = ({ option, name, put }) => (
  <input className="mb-phrases" aria-label={`Words for key ${name}, with commas`} placeholder="or said: yes, yes please" defaultValue={(option.phrases ?? []).join(", ")}
    onBlur={(event) => put(event.target.value.split(",").map((one) => one.trim().slice(0, 80)).filter(Boolean).slice(0, 20))} />
);

function Cases({ id, doc, data, node, set }) {
  const cases = node.cases ?? [];
  const put = (n, values) => set({ cases: cases.map((one, m) => (m === n ? { ...one, ...values } : one)) });
  return (
    <div className="field" role="group" aria-label="Cases">
      <span className="label" aria-hidden="true">Cases</span>
      {cases.map((one, n) => (
        <div className="mb-case" key={n}>
          <select aria-label={`Comparison ${n + 1}`} value={one.test ?? "equals"} onChange={(event) => put(n, { test: event.target.value })}>
            {Object.entries(data.comparisons).map(([name, label]) => <option key={name} value={name}>{label}</option>)}
          </select>
          <input aria-label={`Value ${n + 1}`} maxLength={200} value={one.value ?? ""} disabled={one.test === "empty"} onChange={(event) => put(n, { value: event.target.value })} />
          <button className="button bare small icon-only" type="button" aria-label={`Remove case ${n + 1}`} onClick={() => set({ cases: cases.filter((_, m) => m !== n) })}>✕</button>
          <Target field={{ label: `Where case ${n + 1} leads`, needed: true }} id={id} doc={doc} value={one.to} put={(to) => put(n, { to })} />
        </div>
      ))}
      <button className="button small" type="button" onClick={() => set({ cases: [...cases, { test: "equals", value: "", to: null }] })}>Add a case</button>
    </div>
  );
}

function Results({ field, value, put }) {
  const rows = value ?? [];
  const write = (n, values) => put(rows.map((one, m) => (m === n ? { ...one, ...values } : one)));
  return (
    <>
      {rows.map((one, n) => (
        <div className="mb-result" key={n}>
          <input aria-label={`Variable ${n + 1}`} placeholder="variable" maxLength={40} value={one.variable ?? ""} onChange={(event) => write(n, { variable: event.target.value })} />
          <input aria-label={`Where it stands in the answer ${n + 1}`} placeholder="customer.name" maxLength={120} value={one.path ?? ""} onChange={(event) => write(n, { path: event.target.value })} />
          <button className="button bare small icon-only" type="button" aria-label={`Remove ${one.variable || `variable ${n + 1}`}`} onClick={() => put(rows.filter((_, m) => m !== n))}>✕</button>
        </div>
      ))}
      <button className="button small" type="button" aria-label={`Add to: ${field.label}`} onClick={() => put([...rows, { variable: "", path: "" }])}>Add a variable</button>
    </>
  );
}

const INPUTS = {
  text: Text, number: Count, choice: Choice, yes: null, target: Target, variable: Line, pattern: Line, prompt: Prompt, options: Options,
  cases: Cases, destination: Row, schedule: Row, service: Row, results: Results,
};
