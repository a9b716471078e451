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
export const view = { team: "", queue: "", sort: "name", down: false, wall: false, hidden: [], ...kept };

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

// Rows of queues in the order of the chosen column; nothing (no call yet) comes last.
export function inView(a, b) {
  const [one, other] = [a[view.sort], b[view.sort]];
  if (one === null || other === null || one === other) return (one === null) - (other === null) || a.name.localeCompare(b.name);
  const order = typeof one === "number" ? one - other : String(one).localeCompare(String(other));
  return view.down ? -order : order;
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
      const is = head.dataset.sort === view.sort;
      head.closest("th").setAttribute("aria-sort", is ? (view.down ? "descending" : "ascending") : "none");
    }
  }

  const change = (changes) => {
    Object.assign(view, changes);
    keep();
    show();
    draw();
  };

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
    head.addEventListener("click", () =>
      change({ down: head.dataset.sort === view.sort ? !view.down : head.dataset.sort !== "name", sort: head.dataset.sort }));
  }
  show();

  return () => {
    fill($("#team-filter"), "All teams", unique([...tables.operators.values()].map((row) => row.team)), view.team);
    fill($("#queue-filter"), "All queues", unique([...tables.queues.values()].map((row) => row.name)), view.queue);
  };
}
