// Who of the colleagues is free, favourites first.

import * as api from "../lib/api.js";
import { $, el, icon, list } from "../lib/dom.js";

export const STATE = {
  free: ["free", "good"], busy: ["busy", "talk"], on_break: ["on a break", "wait"],
  unreachable: ["cannot be rung", "bad"], offline: ["offline", ""],
};
const ORDER = Object.keys(STATE);

// Everybody but oneself, in the order in which they are shown.
export function colleaguesOf({ colleagues, state }) {
  const liked = new Set(state.favourites);
  return [...(colleagues?.values() ?? [])]
    .filter((row) => row.id !== state.me.id)
    .map((row) => ({ ...row, favourite: liked.has(row.id) }))
    .sort((a, b) => b.favourite - a.favourite || ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.name.localeCompare(b.name, undefined, { numeric: true }));
}

export function setUpColleagues(desk) {
  function row(colleague) {
    const [state, tone] = STATE[colleague.state];
    const like = () => desk.command("favourite", () =>
      (colleague.favourite ? api.del : api.put)(`/operators/me/favourites/${colleague.id}/`));
    return el("li", {},
      el("button", { class: "button bare small icon-only star", type: "button", "aria-pressed": String(colleague.favourite),
        "data-control": "star", "aria-label": `Favourite: ${colleague.name}`, onclick: like }, icon("star")),
      el("div", {}, el("strong", {}, colleague.name),
        el("span", { class: "quiet small" }, [colleague.team, colleague.extension].filter(Boolean).join(" · "))),
      el("span", { class: "badge", "data-tone": tone }, state),
      el("button", { class: "button bare small icon-only", type: "button", "data-control": "call", disabled: !colleague.callable,
        "aria-label": `Call ${colleague.name}`, onclick: () => desk.callColleague(colleague.id) }, icon("phone")));
  }

  return () => {
    const isBusy = Boolean(desk.state.call || desk.phone?.active || desk.phone?.ringing || desk.busy.has("call"));
    const rows = colleaguesOf(desk).map((each) => ({ ...each, callable: each.state === "free" && !isBusy }));
    list($("#colleagues"), rows, row);
    $("#no-colleagues").hidden = !desk.colleagues || rows.length > 0;
  };
}
