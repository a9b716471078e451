// What of the board is shown, in which order, and how large. Kept in this browser.

import { $, el } from "../lib/dom.js";

const KEPT = "board-view";
const kept = (() => {
  try {
    return JSON.parse(localStorage.getItem(KEPT)) ?? {};
  } catch {
    return {};
  }
})();
// `order`: by table, the column and whether the largest (of times: the longest) comes first.
const ORDER = { queues: ["name", false], calls: ["started_at", true], operators: ["status", false] };
export const view = { team: "", queue: "", operators: "in", wall: false, hidden: [], ...kept, order: { ...ORDER, ...kept.order } };

const keep = () => localStorage.setItem(KEPT, JSON.stringify(view));

// By the filters: rows of queues, operators, calls, line, callbacks and campaigns.
const OF_TEAM = {
  operators: (row, team) => row.team === team,
  calls: (row, team) => row.teams.includes(team),
};
const OF_QUEUE = {
  queues: (row, queue) => row.name === queue,
  operators: (row, queue) => row.queues.includes(queue),
  calls: (row, queue) => row.queue === queue,
  line: (row, queue) => row.queue_name === queue,
  callbacks: (row, queue) => row.queue_name === queue,
  campaigns: (row, queue) => row.queue === queue,
};

export function chosen(name, rows) {
  const team = view.team && OF_TEAM[name];
  const queue = view.queue && OF_QUEUE[name];
  return rows.filter((row) => (!team || team(row, view.team)) && (!queue || queue(row, view.queue)));
}

const SINCE = new Set(["longest_since", "since", "started_at"]);

function value(row, column) {
  const found = row[column] ?? "";
  return SINCE.has(column) && found ? -Date.parse(found) : found; // the earlier, the longer
}

// Rows of `table` in the order of the chosen column; nothing (no call yet) comes last.
export function inView(table) {
  const [column, down] = view.order[table];
  return (a, b) => {
    const [one, other] = [value(a, column), value(b, column)];
    if (one === other || one === "" || other === "") return (one === "") - (other === "") || a.name.localeCompare(b.name);
    const order = typeof one === "number" ? one - other : one.localeCompare(other);
    return down ? -order : order;
  };
}

function fill(select, all, names, wanted) {
  const words = [["", all], ...names.map((name) => [name, name])];
  const print = JSON.stringify(words);
  if (select.print === print) return;
  select.print = print;
  select.replaceChildren(...words.map(([value, label]) => el("option", { value }, label)));
  select.value = names.includes(wanted) ? wanted : "";
}

export function setUpView(tables, draw) {
  const unique = (names) => [...new Set(names)].sort((a, b) => a.localeCompare(b));

  function show() {
    document.body.classList.toggle("wall", view.wall);
    $("#wall").setAttribute("aria-pressed", String(view.wall));
    for (const box of document.querySelectorAll("[data-part]")) {
      box.checked = !view.hidden.includes(box.dataset.part);
      $(`#${box.dataset.part}`).hidden = !box.checked;
    }
    for (const head of document.querySelectorAll("[data-sort]")) {
      const [column, down] = view.order[head.closest("table").id];
      const is = head.dataset.sort === column;
      head.closest("th").setAttribute("aria-sort", is ? (down ? "descending" : "ascending") : "none");
    }
    $("#operator-filter").value = view.operators;
    $("#operator-sort").value = view.order.operators[0];
  }

  const change = (changes) => {
    Object.assign(view, changes);
    keep();
    show();
    draw();
  };

  const sort = (table, column, down) => change({ order: { ...view.order, [table]: [column, down] } });

  $("#team-filter").addEventListener("change", ({ target }) => change({ team: target.value }));
  $("#queue-filter").addEventListener("change", ({ target }) => change({ queue: target.value }));
  $("#wall").addEventListener("click", () => {
    change({ wall: !view.wall });
    if (view.wall) document.documentElement.requestFullscreen?.().catch(() => {});
    else if (document.fullscreenElement) document.exitFullscreen();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && view.wall && !document.querySelector("dialog[open]")) change({ wall: false });
  });
  for (const box of document.querySelectorAll("[data-part]")) {
    box.addEventListener("change", () =>
      change({ hidden: [...document.querySelectorAll("[data-part]")].filter((one) => !one.checked).map((one) => one.dataset.part) }));
  }
  for (const head of document.querySelectorAll("[data-sort]")) {
    head.addEventListener("click", () => {
      const table = head.closest("table").id;
      const [column, down] = view.order[table];
      sort(table, head.dataset.sort, head.dataset.sort === column ? !down : !("text" in head.dataset));
    });
  }
  $("#operator-filter").addEventListener("change", ({ target }) => change({ operators: target.value }));
  $("#operator-sort").addEventListener("change", ({ target }) => sort("operators", target.value, target.value === "since"));
  show();

  return () => {
    fill($("#team-filter"), "All teams", unique([...tables.operators.values()].map((row) => row.team)), view.team);
    fill($("#queue-filter"), "All queues", unique([...tables.queues.values()].map((row) => row.name)), view.queue);
  };
}
