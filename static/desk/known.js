// What is known before anybody speaks: earlier calls, callbacks that wait, the script, a door to another system.

import { moment } from "../lib/clock.js";
import { $, el, icon, list, text } from "../lib/dom.js";

export function setUpKnown(desk) {
  const cardOf = { offer: () => desk.state.offer, call: () => desk.state.call, wrap: () => desk.state.wrap_up?.call };

  function before(row) {
    const about = [row.outcome, row.disposition, row.operator].filter(Boolean).join(" · ");
    return el("li", {}, icon(row.direction === "inbound" ? "in" : "out"),
      el("div", {}, el("span", {}, el("strong", {}, moment(row.at)), el("span", { class: "quiet" }, ` ${about}`)),
        row.note ? el("p", {}, row.note) : null));
  }

  const promise = (row) => el("li", { class: "promised" }, icon("back"),
    el("div", {}, el("strong", {}, `Waits for a callback of ${row.queue}`), el("span", { class: "quiet small" }, `asked ${moment(row.asked_at)}`)));

  return (view) => {
    const card = cardOf[view]?.() ?? null;
    const history = card?.history ?? { calls: [], callbacks: [] };
    const rows = [...history.callbacks.map((row) => ({ ...row, promised: true })), ...history.calls];
    list($("#history-rows"), rows, (row) => (row.promised ? promise(row) : before(row)));
    $("#history").hidden = !rows.length;
    $("#pop-row").hidden = !card?.pop;
    if (card?.pop) $("#pop").href = card.pop;
    text($("#script-words"), card?.script);
    $("#script").hidden = !card?.script || view === "offer";
  };
}
