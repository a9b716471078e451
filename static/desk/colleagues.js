// Who of the colleagues is free, favourites first, and the figures of one's own day.

import * as api from "../lib/api.js";
import { $, el, icon, list, text } from "../lib/dom.js";
import { words } from "../lib/clock.js";

const STATE = {
  free: ["free", "good"], busy: ["in a call", "talk"], on_break: ["on a break", "wait"],
  unreachable: ["cannot be rung", "bad"], offline: ["offline", ""],
};
const EVERY_MS = 10000;

const duration = (seconds) => (seconds >= 3600 ? `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min` : words(seconds));

export function setUpColleagues(desk) {
  let lastHeld = null;

  function row(colleague) {
    const [state, tone] = STATE[colleague.state];
    const like = () => desk.command("favourite", async () => {
      await (colleague.favourite ? api.del : api.put)(`/operators/me/favourites/${colleague.id}/`);
      await refresh();
    });
    return el("li", {},
      el("button", { class: "button bare small icon-only star", type: "button", "aria-pressed": String(colleague.favourite),
        "data-control": "star", "aria-label": `Favourite: ${colleague.name}`, onclick: like }, icon("star")),
      el("div", {}, el("strong", {}, colleague.name),
        el("span", { class: "quiet small" }, [colleague.team, colleague.extension].filter(Boolean).join(" · "))),
      el("span", { class: "badge", "data-tone": tone }, state),
      el("button", { class: "button bare small icon-only", type: "button", "data-control": "call", disabled: colleague.state !== "free",
        "aria-label": `Call ${colleague.name}`, onclick: () => desk.callColleague(colleague.id) }, icon("phone")));
  }

  const figure = ([name, value]) => el("div", {}, el("dt", {}, name), el("dd", { class: "number" }, value));

  function showFigures(day) {
    const rows = [
      ["Answered", day.answered], ["Missed", day.missed], ["Talked", duration(day.talk_seconds)],
      ["On average", duration(day.average_talk_seconds)], ["Signed in", duration(day.signed_in_seconds)], ["On breaks", duration(day.break_seconds)],
    ].map(([name, value]) => [name, String(value)]);
    list($("#figures"), rows, figure, { key: ([name]) => name });
  }

  async function refresh() {
    // Nobody looks at a hidden page; it is brought up to date when it is shown.
    if (document.hidden) return;
    const [directory, day] = await Promise.allSettled([api.get("/operators/me/directory/"), api.get("/operators/me/figures/")]);
    if (directory.status === "fulfilled") {
      list($("#colleagues"), directory.value.colleagues, row);
      text($("#no-colleagues"), "You work alone.");
      $("#no-colleagues").hidden = directory.value.colleagues.length > 0;
    } else {
      text($("#no-colleagues"), directory.reason.message);
      $("#no-colleagues").hidden = false;
    }
    if (day.status === "fulfilled") showFigures(day.value);
  }
  setInterval(refresh, EVERY_MS);
  document.addEventListener("visibilitychange", refresh);

  return () => {
    const held = desk.state.me.engagement?.purpose ?? "";
    if (held !== lastHeld) refresh();
    lastHeld = held;
  };
}
