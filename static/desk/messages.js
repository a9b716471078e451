// What supervisors wrote: it stays at the top of the desk until the operator says that it was read.

import * as api from "../lib/api.js";
import { moment } from "../lib/clock.js";
import { $, el, list } from "../lib/dom.js";

export function setUpMessages(desk) {
  const row = (message) => el("li", { class: "card" },
    el("div", {}, el("p", { class: "quiet small" }, `${message.by} · ${moment(message.sent_at)}`), el("p", { class: "message" }, message.text)),
    el("button", {
      class: "button small", type: "button", "data-control": "read",
      "aria-label": `I have read the message of ${message.by}: ${message.text}`,
      onclick: () => desk.command(`read ${message.id}`, () => api.post(`/operators/me/messages/${message.id}/read/`)),
    }, "I have read it"));

  return () => {
    list($("#messages"), desk.state.messages, row);
    $("#messages").hidden = !desk.state.messages.length;
  };
}
