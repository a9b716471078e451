// Who I am to the queues: available, on a break, offline; and whether this page can ring.

import * as api from "../lib/api.js";
import { now } from "../lib/clock.js";
import { $, el, list, text } from "../lib/dom.js";

const PRESENCE = { available: ["Available", "good"], on_break: ["On a break", "wait"], offline: ["Offline", ""] };
const PURPOSE = {
  offer: ["Ringing", "good"],
  desk_call: ["In a call", "talk"],
  preview: ["Previewing", "talk"],
  wrap_up: ["Wrap-up", "after"],
};

// The limit of the break that is shown; while a call still holds the operator, the time of the call is.
const limitOf = ({ me, call, offer }) => (call || offer || me.engagement || me.presence !== "on_break" ? 0 : me.break?.limit_seconds ?? 0);

function stateOf({ me, call, offer }) {
  if (call) return { words: call.held_since ? "Customer on hold" : "In a call", tone: "talk", since: call.held_since ?? call.answered_at ?? call.since };
  if (offer) return { words: "Ringing", tone: "good", since: offer.offered_at };
  if (me.engagement) {
    const [words, tone] = PURPOSE[me.engagement.purpose] ?? ["Busy", "talk"];
    return { words: [words, me.engagement.about].filter(Boolean).join(" "), tone, since: me.engagement.since };
  }
  if (me.unreachable && me.presence === "available") {
    return { words: "Calls cannot reach you", tone: "bad", since: me.unreachable };
  }
  const [words, tone] = PRESENCE[me.presence] ?? [me.presence, ""];
  return { words: me.break?.name ?? words, tone, since: me.since };
}

export function setUpPresence(desk) {
  const reasons = $("#reasons");
  const breakButton = $("#break");

  const choose = (status, reason) =>
    desk.command("presence", () => api.post("/operators/me/presence/", reason ? { status, reason } : { status }));

  const openReasons = (open) => {
    reasons.hidden = !open;
    breakButton.setAttribute("aria-expanded", String(open));
    if (open) $("button", reasons)?.focus();
  };

  breakButton.addEventListener("click", () => {
    if (desk.setup.break_reasons.length) openReasons(reasons.hidden);
    else choose("on_break");
  });
  reasons.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    openReasons(false);
    breakButton.focus();
  });
  for (const button of document.querySelectorAll("[data-presence]")) {
    button.addEventListener("click", () => {
      openReasons(false);
      choose(button.dataset.presence);
    });
  }

  $("#ask-help").addEventListener("click", () =>
    desk.command("help", () => (desk.state.me.help ? api.del("/operators/me/help/") : api.post("/operators/me/help/"))));

  function reason(row) {
    const limit = row.limit_seconds ? el("span", { class: "quiet small" }, `${Math.round(row.limit_seconds / 60)} min`) : null;
    const take = () => {
      openReasons(false);
      breakButton.focus();
      choose("on_break", row.id);
    };
    return el("button", { class: "button small bare", type: "button", onclick: take }, row.name, limit);
  }

  // A queue of mine: who waits, and a switch to take none of its calls for a while.
  function served(row) {
    const address = `/operators/me/queues/${row.key}/`;
    const turn = () => desk.command("serve", () => (row.serving ? api.del(address) : api.put(address)));
    const waiting = row.waiting ? `${row.waiting} waiting` : "empty";
    return el("li", {},
      el("button", { class: "switch", type: "button", role: "switch", "aria-checked": String(row.serving), "data-control": "serve",
        "aria-label": `Take calls of ${row.name}`, onclick: turn }),
      el("span", { class: row.serving ? "" : "quiet" }, row.name), el("span", { class: "quiet number" }, row.serving ? waiting : `${waiting}, off`));
  }

  function readiness() {
    const { phone, line, state } = desk;
    const instead = state.me.fallback_phone ? ` Calls ring ${state.me.fallback_phone} meanwhile.` : "";
    if (line !== "open") return ["bad", `No connection to the call center. Calls cannot reach you here.${instead}`];
    if (!phone) return ["wait", "The telephone is starting…"];
    if (!phone.ready) return ["bad", phone.reason + instead];
    if (state.me.unreachable) return ["bad", `${state.me.unreachable_why || "The desk could not be rung."} The telephone is registering again…`];
    if (state.me.presence === "available") return ["good", phone.leads ? "The telephone is connected and can ring." : "Your other tab has the telephone; it can ring, here too."];
    return ["", "The telephone is connected. Make yourself available to get calls."];
  }

  // A limit is passed by time alone.
  let wasOver = false;
  document.addEventListener("clock:tick", ({ detail: at }) => {
    const limit = desk.state && limitOf(desk.state);
    const isOver = Boolean(limit && at - Date.parse(desk.state.me.since) > limit * 1000);
    if (isOver !== wasOver) {
      wasOver = isOver;
      show();
    }
  });

  function show() {
    const { me } = desk.state;
    const { words, tone, since } = stateOf(desk.state);
    $("#state").dataset.tone = tone;
    text($("#state-word"), words);
    $("#state-time").dataset.since = since ?? "";
    const limit = limitOf(desk.state);
    const isOver = limit && now() - Date.parse(me.since) > limit * 1000;
    const isHeld = Boolean(me.engagement) && me.presence !== "available";
    const after = isHeld ? `, then ${(me.break?.name ?? PRESENCE[me.presence]?.[0] ?? "").toLowerCase()}` : "";
    text($("#state-more"), limit ? ` of ${Math.round(limit / 60)} min${isOver ? ", over the limit" : ""}` : after);
    if (isOver) $("#state").dataset.tone = "bad";
    $("#ask-help").setAttribute("aria-pressed", String(Boolean(me.help)));
    $("#ask-help").disabled = desk.busy.has("help");
    text($("#ask-help span"), me.help ? "Help is called. Not needed any more?" : "Ask for help");
    for (const button of document.querySelectorAll("[data-presence]")) {
      button.setAttribute("aria-pressed", String(button.dataset.presence === me.presence));
      button.disabled = desk.busy.has("presence");
    }
    breakButton.setAttribute("aria-pressed", String(me.presence === "on_break"));
    list(reasons, desk.setup.break_reasons, reason);
    const [readyTone, readyWords] = readiness();
    $("#ready").dataset.tone = readyTone;
    text($("#ready"), readyWords);
    list($("#queues"), me.queues, served);
    if (!me.queues.length) text($("#queues"), "You are in no queue.");
  }
  return show;
}
