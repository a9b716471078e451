// The figures of one's own day: with each change of what holds one, and now and then between.

import * as api from "../lib/api.js";
import { words } from "../lib/clock.js";
import { $, el, list } from "../lib/dom.js";

const EVERY_MS = 30000;

const duration = (seconds) => (seconds >= 3600 ? `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min` : words(seconds));

export function setUpFigures(desk) {
  let lastHeld = null;

  const figure = ([name, value]) => el("div", {}, el("dt", {}, name), el("dd", { class: "number" }, value));

  function show(day) {
    const rows = [
      ["Answered", day.answered], ["Missed", day.missed], ["Talked", duration(day.talk_seconds)],
      ["On average", duration(day.average_talk_seconds)], ["Signed in", duration(day.signed_in_seconds)], ["On breaks", duration(day.break_seconds)],
    ].map(([name, value]) => [name, String(value)]);
    list($("#figures"), rows, figure, { key: ([name]) => name });
  }

  async function refresh() {
    // Nobody looks at a hidden page; it is brought up to date when it is shown.
    if (document.hidden) return;
    // A server that is away is told of by the line's badge; the figures of before stay meanwhile.
    await api.get("/operators/me/figures/").then(show, () => undefined);
  }
  setInterval(refresh, EVERY_MS);
  document.addEventListener("visibilitychange", refresh);

  return () => {
    const held = desk.state.me.engagement?.purpose ?? "";
    if (held !== lastHeld) refresh();
    lastHeld = held;
  };
}
