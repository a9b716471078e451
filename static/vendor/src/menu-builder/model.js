// The document of a voice menu, and what may be done to it. Every change gives a new document; nothing here draws.

const COLUMN = 330;
const ROW = 60;
const GAP = 46;

export const blank = (language) => ({ format: 1, languages: [language], start: null, nodes: {} });

// The ways out of a node: [{ id, label, to }].
export function exitsOf(kind, node) {
  const exits = [];
  for (const field of kind.fields) {
    if (field.type === "options") {
      for (const key of sortKeys(Object.keys(node.options ?? {}))) {
        const option = node.options[key];
        exits.push({ id: key, label: option.label ? `${key} · ${option.label}` : key, to: option.to ?? null });
      }
    } else if (field.type === "cases") {
      (node.cases ?? []).forEach((one, n) => exits.push({ id: `case-${n}`, label: caseWords(one), to: one.to ?? null }));
    } else if (field.type === "target") {
      exits.push({ id: field.name, label: field.label, to: node[field.name] ?? null, optional: !field.needed });
    }
  }
  return exits;
}

const SIGNS = { equals: "is", not: "is not", contains: "contains", starts: "begins with", above: ">", below: "<", empty: "is empty" };
const caseWords = (one) => `${SIGNS[one.test ?? "equals"] ?? one.test} ${one.test === "empty" ? "" : one.value ?? ""}`.trim();
export const sortKeys = (keys) => keys.sort((a, b) => "1234567890*#".indexOf(a) - "1234567890*#".indexOf(b));

export const withNode = (doc, id, node) => ({ ...doc, nodes: { ...doc.nodes, [id]: node } });

export function withExit(doc, id, exit, to) {
  const node = doc.nodes[id];
  if (!node) return doc;
  if (exit.startsWith("case-")) {
    const n = Number(exit.slice(5));
    return withNode(doc, id, { ...node, cases: node.cases.map((one, m) => (m === n ? { ...one, to } : one)) });
  }
  if (node.options?.[exit]) {
    return withNode(doc, id, { ...node, options: { ...node.options, [exit]: { ...node.options[exit], to } } });
  }
  return withNode(doc, id, { ...node, [exit]: to });
}

export function withoutNodes(doc, ids, kinds) {
  const gone = new Set(ids);
  let left = { ...doc, nodes: Object.fromEntries(Object.entries(doc.nodes).filter(([id]) => !gone.has(id))) };
  for (const [id, node] of Object.entries(left.nodes)) {
    for (const exit of exitsOf(kinds[node.kind], node)) {
      if (gone.has(exit.to)) left = withExit(left, id, exit.id, null);
    }
  }
  return gone.has(left.start) ? { ...left, start: null } : left;
}

export function freshId(doc, kind) {
  for (let n = 1; ; n += 1) if (!(`${kind}-${n}` in doc.nodes)) return `${kind}-${n}`;
}

// A new node of `kind`, beside the one that is selected; the first one begins the menu.
export function added(doc, kind, beside) {
  const id = freshId(doc, kind.name);
  const node = { kind: kind.name, name: "", at: placeBeside(doc, beside) };
  for (const field of kind.fields) {
    if (field.type === "options") node.options = { 1: { label: "", to: null } };
    else if (field.type === "cases") node.cases = [{ test: "equals", value: "", to: null }];
    else if (field.default !== null && field.default !== undefined) node[field.name] = field.default;
  }
  const next = withNode(doc, id, node);
  return [next.start ? next : { ...next, start: id }, id];
}

function placeBeside(doc, beside) {
  const from = doc.nodes[beside]?.at;
  const taken = Object.values(doc.nodes).map((node) => node.at ?? [0, 0]);
  let at = from ? [from[0] + COLUMN, from[1]] : [0, 0];
  while (taken.some(([x, y]) => Math.abs(x - at[0]) < 250 && Math.abs(y - at[1]) < 170)) at = [at[0], at[1] + 30];
  return at;
}

const heightOf = (kind, node) => 78 + exitsOf(kind, node).length * 27;

// Places for all nodes, column by column in the order in which a caller comes to them; `all` moves those that have one.
export function arranged(doc, kinds, all = false) {
  if (!all && Object.values(doc.nodes).every((node) => node.at)) return doc;
  const depth = new Map();
  const queue = doc.start in doc.nodes ? [[doc.start, 0]] : [];
  while (queue.length) {
    const [id, level] = queue.shift();
    if (depth.has(id)) continue;
    depth.set(id, level);
    for (const exit of exitsOf(kinds[doc.nodes[id].kind], doc.nodes[id])) {
      if (exit.to in doc.nodes) queue.push([exit.to, level + 1]);
    }
  }
  const last = Math.max(0, ...depth.values());
  const filled = new Map();
  const nodes = {};
  for (const [id, node] of [...Object.entries(doc.nodes)].sort((a, b) => order(depth, a) - order(depth, b))) {
    const level = depth.get(id) ?? last + 1;
    const y = filled.get(level) ?? 0;
    filled.set(level, y + heightOf(kinds[node.kind], node) + GAP);
    nodes[id] = all || !node.at ? { ...node, at: [level * COLUMN, y + (level % 2) * (ROW / 2)] } : node;
  }
  return { ...doc, nodes };
}

const order = (depth, [id]) => [...depth.keys()].indexOf(id) + (depth.has(id) ? 0 : 1e6);

// What a node says of itself in the drawing.
export function summary(kind, node, data) {
  switch (node.kind) {
    case "hours": return node.schedule?.label ?? "";
    case "caller": return `${kind.fields[0].choices[node.test ?? "known"]} ${node.value ?? ""}`.trim();
    case "set": return node.variable ? `${node.variable} = ${node.value}` : "";
    case "branch": return node.variable ?? "";
    case "send": return node.destination ? placeWords(node.destination, data) : "";
    case "lookup": return node.service ? `${node.service.label}: ${node.path || "/"}` : "";
    case "sms": return node.text ?? "";
    default: return promptWords(node.prompt, data);
  }
}

export const placeWords = (row, data) => {
  const known = data.destinations.find((one) => one.id === row.id);
  return known ? `${known.label} · ${known.what.toLowerCase()}` : row.label;
};

export function promptWords(prompt, data) {
  if (!prompt) return "";
  if (prompt.prompt) {
    const texts = data.prompts.find((one) => one.name === prompt.prompt)?.texts ?? {};
    return `“${texts[prompt.language] ?? Object.values(texts)[0] ?? prompt.prompt}”`;
  }
  return `“${Object.values(prompt.say ?? {})[0] ?? ""}”`;
}

// Undo and redo: { past, now, future }. Changes with the same `tag` in quick succession (typing) are undone together.
export const begun = (doc) => ({ past: [], now: doc, future: [] });
export function changed(history, doc, tag = null) {
  if (doc === history.now) return history;
  const at = Date.now();
  const goesOn = tag !== null && tag === history.tag && at - history.at < 1500;
  return { past: goesOn ? history.past : [...history.past.slice(-99), history.now], now: doc, future: [], tag, at };
}
export const undone = ({ past, now, future }) =>
  past.length ? { past: past.slice(0, -1), now: past.at(-1), future: [now, ...future] } : { past, now, future };
export const redone = ({ past, now, future }) =>
  future.length ? { past: [...past, now], now: future[0], future: future.slice(1) } : { past, now, future };

// Two people changed the drawing `base`: what either did, in one. Where both changed the same node theirs stands, and its
// id is among `conflicts`; ways to nodes that are gone are cut.
export function merged(base, mine, theirs, kinds) {
  const conflicts = [];
  const nodes = {};
  for (const id of new Set([...Object.keys(theirs.nodes), ...Object.keys(mine.nodes)])) {
    const [was, my, their] = [base.nodes[id], mine.nodes[id], theirs.nodes[id]];
    const [iDid, theyDid] = [!alike(my, was), !alike(their, was)];
    if (iDid && theyDid && !alike(my, their)) conflicts.push(id);
    const chosen = iDid && !theyDid ? my : their;
    if (chosen) nodes[id] = my?.at && my.at !== was?.at ? { ...chosen, at: my.at } : chosen;
  }
  const either = (name) => (JSON.stringify(mine[name]) === JSON.stringify(base[name]) ? theirs[name] : mine[name]);
  let doc = { ...theirs, languages: either("languages"), start: either("start"), nodes };
  for (const [id, node] of Object.entries(nodes)) {
    for (const exit of exitsOf(kinds[node.kind], node)) if (exit.to && !(exit.to in nodes)) doc = withExit(doc, id, exit.id, null);
  }
  return { doc: doc.start in nodes ? doc : { ...doc, start: null }, conflicts };
}

// The same node? Where it is drawn does not count, nor in what order its fields come back from the server.
const alike = (one, other) => JSON.stringify(plain({ ...one, at: null })) === JSON.stringify(plain({ ...other, at: null }));
const plain = (value) =>
  value && typeof value === "object" && !Array.isArray(value)
    ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, plain(value[key])]))
    : Array.isArray(value) ? value.map(plain) : value;
