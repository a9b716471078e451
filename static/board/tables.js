// How the board's rows look.

import { words } from "../lib/clock.js";
import { $, el, list, text } from "../lib/dom.js";
import { bySoonest, callbackRow } from "./callbacks.js";
import { byStatus, campaignRow, withCrew } from "./campaigns.js";
import { listenButton, listener, listens } from "./ears.js";
import { inOrder, lineRow } from "./line.js";
import { DOING, operatorRow } from "./operators.js";
import { chosen, inView, view } from "./view.js";

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
  in: (row) => row.status !== "offline" || row.help,
  free: (row) => row.status === "ready",
  busy: (row) => ["ringing", "dialling", "talking", "held", "consulting", "monitoring", "previewing", "busy"].includes(row.status),
};

const since = (iso) => el("time", { "data-since": iso ?? "" });
const figure = (value, tone) => el("td", { class: "figure", "data-tone": tone }, value);
const badge = ([label, tone]) => el("span", { class: "badge", "data-tone": tone }, label);
const levelTone = (percent, wanted) => (percent === null ? "" : percent < wanted - 20 ? "bad" : percent < wanted ? "wait" : "good");

function queueRow(row) {
  const crew = [
    ["ready", "good", "ready"],
    ["busy", "talk", "busy"],
    ["on_break", "wait", "on a break"],
    ["unreachable", "bad", "not reachable"],
  ].filter(([key]) => row[key]);
  const level = row.service_level_percent;
  const tone = levelTone(level, row.wanted_percent);
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

function callRow(row) {
  const [label, tone] = WHERE[row.status] ?? [row.status, ""];
  const arrow = row.direction === "inbound" ? "Incoming" : "Outgoing";
  return el("tr", {},
    el("th", { scope: "row" }, el("span", { class: "who-words" },
      el("strong", {}, row.name || row.number),
      el("span", { class: "quiet small number" }, [row.name && row.number, arrow].filter(Boolean).join(" · ")),
      row.sound ? el("span", { class: "small late" }, `Sounds bad: ${row.sound}`) : null,
      row.remark ? el("span", { class: "quiet small" }, row.remark) : null)),
    el("td", { class: "where" }, badge([label, tone]), row.queue ? el("div", { class: "quiet small" }, row.queue) : null),
    el("td", { class: "with" }, row.operator || "–", ...row.listeners.map(listener)),
    el("td", { class: "figure waits" }, since(row.since)),
    el("td", { class: "figure quiet whole" }, since(row.started_at)),
    listens && el("td", { class: "figure change" }, listenButton(row)),
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
  // What is wanted of several queues is what is wanted of each, by how many were measured there.
  const wanted = sum("measured") ? queues.reduce((total, row) => total + row.wanted_percent * row.measured, 0) / sum("measured") : 0;
  const level = sum("measured") ? (100 * sum("in_time")) / sum("measured") : null;
  card("level", level === null ? "–" : `${Math.round(level)} %`, `of ${sum("offered")} calls today`, levelTone(level, wanted));
  card("lost", String(sum("abandoned")), "today", sum("abandoned") ? "wait" : "good");
}

export function render(tables) {
  const rows = (name) => chosen(name, [...tables[name].values()]);
  const queues = rows("queues").sort(inView("queues"));
  const filter = SHOWN[view.operators] ?? (() => true);
  const all = rows("operators");
  const chosenOrder = inView("operators");
  // Whoever asks for help stands first in any order.
  const operators = all.filter(filter).sort((a, b) => Boolean(b.help) - Boolean(a.help)
    || (view.order.operators[0] === "status" ? ORDER.indexOf(a.status) - ORDER.indexOf(b.status) || a.name.localeCompare(b.name) : chosenOrder(a, b)));
  const calls = rows("calls").sort(inView("calls"));
  const line = rows("line").sort(inOrder);
  const callbacks = rows("callbacks").sort(bySoonest);
  const campaigns = rows("campaigns").map((row) => withCrew(row, tables.operators)).sort(byStatus);
  figures(queues, all);
  fill($("#queues tbody"), queues, queueRow);
  fill($("#operators"), operators, operatorRow);
  fill($("#line-table tbody"), line, lineRow);
  fill($("#callbacks tbody"), callbacks, callbackRow);
  fill($("#calls tbody"), calls, callRow);
  fill($("#campaigns"), campaigns, campaignRow);
  text($("#campaign-count"), String(campaigns.filter((row) => row.status === "running").length));
  text($("#callback-count"), String(callbacks.length));
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
