// What wants somebody's attention: worked out from the tables at each second, by the limits of the queues and breaks.

import { now } from "../lib/clock.js";
import { $, el, list, text } from "../lib/dom.js";
import { chosen } from "./view.js";

const ENOUGH = 5; // so few callers say nothing about a day
const passed = (since, seconds, at) => Boolean(since) && seconds > 0 && at - Date.parse(since) > seconds * 1000;
const percent = (part, whole) => Math.round((100 * part) / whole);

function* ofQueue(row, at) {
  const say = (kind, tone, words, since = null) => ({ id: `${row.id}:${kind}`, tone, about: row.name, words, since });
  if (row.waiting && !row.signed_in) yield say("nobody", "bad", `${row.waiting} waiting, and nobody is signed in`);
  if (row.alert_waiting && row.waiting > row.alert_waiting) yield say("many", "bad", `${row.waiting} waiting`);
  if (passed(row.longest_since, row.alert_wait_seconds, at)) yield say("long", "bad", "somebody has waited for", row.longest_since);
  if (row.measured < ENOUGH) return;
  const lost = percent(row.abandoned, row.measured);
  if (row.alert_abandoned_percent && lost > row.alert_abandoned_percent) yield say("lost", "wait", `${lost} % gave up today`);
  const level = row.service_level_percent;
  if (level !== null && level < row.wanted_percent) {
    yield say("level", "wait", `${Math.round(level)} % answered in time today, ${row.wanted_percent} % wanted`);
  }
}

function* ofOperator(row, at) {
  const say = (kind, tone, words, since) => ({ id: `${row.id}:${kind}`, tone, about: row.name, words, since });
  if (row.help) yield say("help", "bad", row.help_note ? `asks for help: ${row.help_note}` : "asks for help", row.help);
  if (row.status === "unreachable") yield say("away", "bad", row.reason || "the desk cannot ring", row.since);
  if (row.status === "on_break" && passed(row.since, row.limit_seconds, at)) {
    yield say("break", "wait", `${row.reason || "a break"} longer than ${Math.round(row.limit_seconds / 60)} min`, row.since);
  }
}

function* ofCall(row) {
  if (row.sound) yield { id: `${row.id}:sound`, tone: "wait", about: row.operator || row.name || row.number, words: `the line sounds bad: ${row.sound}`, since: null };
}

function* ofCampaign(row) {
  if (row.status !== "running" || row.answered < ENOUGH) return;
  const lost = (100 * row.abandoned) / row.answered;
  if (lost > row.abandoned_limit_percent) {
    const words = `${lost.toFixed(1)} % of those who picked up found nobody free, the limit is ${row.abandoned_limit_percent} %`;
    yield { id: `${row.id}:lost`, tone: "bad", about: row.name, words, since: null };
  }
}

const WHOSE = { queues: ofQueue, operators: ofOperator, calls: ofCall, campaigns: ofCampaign };

export function alerts(tables, at) {
  const found = Object.entries(WHOSE).flatMap(([name, of]) => chosen(name, [...tables[name].values()]).flatMap((row) => [...of(row, at)]));
  return found.sort((a, b) => a.tone.localeCompare(b.tone) || a.about.localeCompare(b.about) || a.id.localeCompare(b.id));
}

function alertRow(row) {
  return el("li", { "data-tone": row.tone },
    el("strong", {}, row.about), el("span", {}, row.words), row.since ? el("time", { "data-since": row.since }) : null);
}

export function setUpAlerts(tables) {
  const show = () => {
    const rows = alerts(tables, now());
    list($("#alerts"), rows, alertRow);
    text($("#alert-count"), String(rows.length));
    $("#alert-count").dataset.tone = rows.some((row) => row.tone === "bad") ? "bad" : rows.length ? "wait" : "good";
    $("#no-alerts").hidden = rows.length > 0;
  };
  document.addEventListener("clock:tick", show);
  return show;
}
