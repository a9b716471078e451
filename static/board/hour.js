// Small charts of the last hour: for each queue the callers of every five minutes, and what became of them.

import * as api from "../lib/api.js";
import { $, el, list, text } from "../lib/dom.js";
import { chosen } from "./view.js";

const EVERY_MS = 30000;
const [WIDTH, HEIGHT, GAP] = [120, 32, 2];
const moment = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

function svg(tag, props, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(props)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// A column for each five minutes: answered below, given up on top, grey for those of whom nothing is decided yet.
function columns({ since, offered, answered, abandoned }, most) {
  const wide = WIDTH / offered.length - GAP;
  return offered.flatMap((count, n) => {
    let top = HEIGHT;
    const rest = Math.max(0, count - answered[n] - abandoned[n]);
    const parts = [["answered", answered[n]], ["other", rest], ["abandoned", abandoned[n]]].filter(([, value]) => value);
    const from = moment.format(new Date(Date.parse(since) + n * 300000));
    return parts.map(([kind, value]) => {
      const tall = (value / most) * (HEIGHT - 2);
      top -= tall;
      return svg("rect", { class: kind, x: n * (wide + GAP), y: top, width: wide, height: tall },
        svg("title", {}, `${from}: ${count} called, ${answered[n]} answered, ${abandoned[n]} gave up`));
    });
  });
}

const sum = (values) => values.reduce((total, value) => total + value, 0);

function hourRow(row) {
  const words = `${sum(row.offered)} called, ${sum(row.answered)} answered, ${sum(row.abandoned)} gave up`;
  return el("li", {},
    el("span", { class: "words" }, el("strong", {}, row.name), el("span", { class: "quiet small" }, words)),
    svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${row.name}, last hour: ${words}` },
      svg("line", { x1: 0, x2: WIDTH, y1: HEIGHT, y2: HEIGHT }), ...columns(row, row.most)));
}

export function setUpHour(tables) {
  let rows = [];
  let isAsking = false;

  const show = () => {
    const queues = chosen("queues", [...tables.queues.values()]);
    const known = new Map(rows.map((row) => [row.id, row]));
    const shown = queues.filter((queue) => known.has(queue.id)).map((queue) => ({ ...known.get(queue.id), name: queue.name }));
    const most = Math.max(4, ...shown.flatMap((row) => row.offered));
    list($("#hour"), shown.map((row) => ({ ...row, most })).sort((a, b) => a.name.localeCompare(b.name)), hourRow);
    $("#no-hour").hidden = shown.length > 0;
  };

  const ask = async () => {
    if (isAsking || document.hidden) return;
    isAsking = true;
    try {
      rows = await api.get("/queues/last-hour/");
      text($("#hour-state"), "");
      show();
    } catch (error) {
      text($("#hour-state"), error.message);
    } finally {
      isAsking = false;
    }
  };

  ask();
  setInterval(ask, EVERY_MS);
  document.addEventListener("visibilitychange", ask);
  return show;
}
