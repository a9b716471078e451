// How the board's rows look.

import { words } from "../lib/clock.js";
import { $, el, list, text } from "../lib/dom.js";
import { bySoonest, callbackRow } from "./callbacks.js";
import { inOrder, lineRow } from "./line.js";

const DOING = {
  ready: ["Ready", "good"],
  ringing: ["Ringing", "good"],
  dialling: ["Calling", "talk"],
  talking: ["Talking", "talk"],
  held: ["Customer on hold", "talk"],
  busy: ["Busy", "talk"],
  wrap_up: ["Wrap-up", "after"],
  on_break: ["On a break", "wait"],
  unreachable: ["Not reachable", "bad"],
  offline: ["Offline", ""],
};
const WHERE = {
  menu: ["In the menu", ""],
  waiting: ["Waiting", "wait"],
  ringing: ["Ringing", "good"],
  dialling: ["Calling", "talk"],
  connecting: ["Connecting", ""],
  talking: ["Talking", "talk"],
  held: ["On hold", "after"],
};
const ORDER = Object.keys(DOING);
const SHOWN = {
  in: (row) => row.status !== "offline",
  free: (row) => row.status === "ready",
  busy: (row) => ["ringing", "dialling", "talking", "held", "busy"].includes(row.status),
};

const since = (iso) => el("time", { "data-since": iso ?? "" });
const figure = (value, tone) => el("td", { class: "figure", "data-tone": tone }, value);
const badge = ([label, tone]) => el("span", { class: "badge", "data-tone": tone }, label);
const initials = (name) => name.split(/\s+/).slice(0, 2).map((part) => part[0]?.toUpperCase() ?? "").join("");
const levelTone = (percent) => (percent === null ? "" : percent < 60 ? "bad" : percent < 80 ? "wait" : "good");

function queueRow(row) {
  const crew = [
    ["ready", "good", "ready"],
    ["busy", "talk", "busy"],
    ["on_break", "wait", "on a break"],
    ["unreachable", "bad", "not reachable"],
  ].filter(([key]) => row[key]);
  const level = row.service_level_percent;
  const tone = levelTone(level);
  return el("tr", {},
    el("th", { scope: "row" }, el("strong", {}, row.name)),
    figure(String(row.waiting), row.waiting ? (row.ready ? "wait" : "bad") : null),
    el("td", { class: "figure", "data-longest": row.target_seconds }, row.longest_since ? since(row.longest_since) : "–"),
    figure(String(row.talking)),
    el("td", {}, el("span", { class: "crew" },
      ...(crew.length
        ? crew.map(([key, crewTone, label]) => el("span", { class: "badge", "data-tone": crewTone }, `${row[key]} ${label}`))
        : [el("span", { class: "quiet small" }, "nobody signed in")]))),
    figure(String(row.offered)),
    figure(String(row.abandoned), row.abandoned ? "wait" : null),
    figure(level === null ? "–" : `${Math.round(level)} %`, tone === "good" ? null : tone),
    figure(row.average_answer_seconds === null ? "–" : words(row.average_answer_seconds)),
  );
}

function operatorRow(row) {
  const [label, tone] = DOING[row.status] ?? [row.status, ""];
  const doing = row.status === "on_break" && row.reason ? row.reason : label;
  const about = row.with ? `with ${row.with}` : [...new Set([row.team, ...row.queues])].join(" · ");
  return el("li", {},
    el("span", { class: "face", "data-tone": tone, "aria-hidden": "true" }, initials(row.name)),
    el("span", { class: "words" }, el("strong", {}, row.name), el("span", { class: "quiet small" }, about)),
    el("span", { class: "now" },
      badge([doing, tone]),
      el("span", { class: "quiet small", "data-limit": row.status === "on_break" && row.limit_seconds ? row.limit_seconds : null },
        row.status === "offline" ? "" : since(row.since))),
  );
}

function callRow(row) {
  const [label, tone] = WHERE[row.status] ?? [row.status, ""];
  const arrow = row.direction === "inbound" ? "Incoming" : "Outgoing";
  return el("tr", {},
    el("th", { scope: "row" }, el("span", { class: "who-words" },
      el("strong", {}, row.name || row.number),
      el("span", { class: "quiet small number" }, [row.name && row.number, arrow].filter(Boolean).join(" · ")),
      row.remark ? el("span", { class: "quiet small" }, row.remark) : null)),
    el("td", {}, badge([label, tone]), row.queue ? el("div", { class: "quiet small" }, row.queue) : null),
    el("td", {}, row.operator || "–"),
    el("td", { class: "figure" }, since(row.since)),
    el("td", { class: "figure quiet" }, since(row.started_at)),
  );
}

function fill(parent, rows, build) {
  list(parent, rows, build);
  const empty = parent.closest(".card").querySelector(".empty");
  empty.hidden = rows.length > 0;
  const scroll = parent.closest(".scroll");
  if (scroll) scroll.hidden = !rows.length;
}

function card(id, value, more, tone) {
  const node = $(`#figure-${id}`);
  text($("strong", node), value);
  text($("small", node), more);
  node.dataset.tone = tone;
}

function figures(queues, operators) {
  const sum = (key) => queues.reduce((total, row) => total + row[key], 0);
  const waiting = sum("waiting");
  const doing = (...states) => operators.filter((row) => states.includes(row.status)).length;
  const ready = doing("ready");
  const signedIn = operators.filter((row) => row.status !== "offline").length;
  card("waiting", String(waiting), waiting ? "in all queues" : "nobody", waiting ? (ready ? "wait" : "bad") : "good");
  const talking = doing("talking", "held");
  card("talking", String(talking), `${doing("ringing", "dialling")} ringing`, "talk");
  card("ready", String(ready), `of ${signedIn} signed in`, ready ? "good" : signedIn ? "wait" : "");
  const level = sum("measured") ? (100 * sum("in_time")) / sum("measured") : null;
  card("level", level === null ? "–" : `${Math.round(level)} %`, `of ${sum("offered")} calls today`, levelTone(level));
  card("lost", String(sum("abandoned")), "today", sum("abandoned") ? "wait" : "good");
}

export function render(tables) {
  const queues = [...tables.queues.values()].sort((a, b) => a.name.localeCompare(b.name));
  const filter = SHOWN[$("#operator-filter").value] ?? (() => true);
  const all = [...tables.operators.values()];
  const operators = all.filter(filter)
    .sort((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status) || a.name.localeCompare(b.name));
  const calls = [...tables.calls.values()].sort((a, b) => a.started_at.localeCompare(b.started_at));
  const line = [...tables.line.values()].sort(inOrder);
  figures(queues, all);
  fill($("#queues tbody"), queues, queueRow);
  fill($("#operators"), operators, operatorRow);
  fill($("#line-table tbody"), line, lineRow);
  const callbacks = [...tables.callbacks.values()].sort(bySoonest);
  fill($("#callbacks tbody"), callbacks, callbackRow);
  text($("#callback-count"), String(callbacks.length));
  fill($("#calls tbody"), calls, callRow);
  text($("#line-count"), String(line.length));
  text($("#call-count"), String(calls.length));
}

// Times that are over their limit turn red by themselves.
document.addEventListener("clock:tick", ({ detail: at }) => {
  const mark = (node, limit, className) => {
    const begun = node.querySelector("time")?.dataset.since;
    node.classList.toggle(className, Boolean(begun) && at - Date.parse(begun) > limit * 1000);
  };
  for (const node of document.querySelectorAll("[data-longest]")) mark(node, Number(node.dataset.longest), "late");
  for (const node of document.querySelectorAll("[data-limit]")) mark(node, Number(node.dataset.limit), "late");
});
