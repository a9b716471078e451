// Tables that the server keeps for a page: a Map of rows by id for each name.

// A whole picture: { queues: [rows], … }.
export function fill(tables, frame) {
  for (const [name, rows] of Object.entries(tables)) {
    rows.clear();
    for (const row of frame[name] ?? []) rows.set(row.id, row);
  }
}

// What changed since: { queues: { put: [rows], drop: [ids] }, … }.
export function change(tables, frame) {
  for (const [name, rows] of Object.entries(tables)) {
    const { put = [], drop = [] } = frame[name] ?? {};
    for (const row of put) rows.set(row.id, row);
    for (const id of drop) rows.delete(id);
  }
}
