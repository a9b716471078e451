// The call in the middle of the desk: it rings, it runs, it is wrapped up.

import * as api from "../lib/api.js";
import { $, el, list, text, toast } from "../lib/dom.js";
import { setUpFile } from "./file.js";
import { setUpKnown } from "./known.js";
import { setUpTransfer } from "./transfer.js";

const LETTERS = { 2: "ABC", 3: "DEF", 4: "GHI", 5: "JKL", 6: "MNO", 7: "PQRS", 8: "TUV", 9: "WXYZ" };
const CALL_WORDS = {
  dialling: ["Calling", "since you called"],
  connecting: ["Connecting", ""],
  talking: ["Talking", "talking"],
  held: ["On hold, hearing music", "talking"],
};

// What the middle shows: the server's word first, the telephone's where the server has not heard of it yet.
export function viewOf({ state, phone }) {
  if (state.call) return "call";
  if (phone?.active) return "call";
  if (state.offer || phone?.ringing) return "offer";
  return state.wrap_up ? "wrap" : "idle";
}

function initials(name) {
  const found = name.match(/\p{L}+/gu);
  return found ? found.slice(0, 2).map((word) => word[0].toUpperCase()).join("") : "☎";
}

function showParty(card, kicker) {
  text($("#kicker"), kicker);
  text($("#name"), card.name || card.number || "Unknown caller");
  text($("#number"), card.name ? card.number : "");
  text($("#company"), card.company ?? "");
  text($("#face"), initials(card.name ?? ""));
  list($("#tags"), card.tags ?? [], (tag) => el("span", { class: "badge plain" }, tag), { key: (tag) => tag });
}

function showTimer({ since, until, words = "" }) {
  const timer = $("#timer");
  delete timer.dataset.since;
  delete timer.dataset.until;
  if (until) timer.dataset.until = until;
  else timer.dataset.since = since ?? "";
  text($("#timer-words"), words);
}

export function setUpStage(desk) {
  const file = setUpFile(desk);
  const transfer = setUpTransfer(desk);
  const known = setUpKnown(desk);
  const keys = $("#keys");
  let keyedFor = null; // the call whose pressed keys are shown
  let lastNews = "";
  let lastView = "idle";
  let declined = false;
  let soundedHere = null; // the call whose sound was in this page

  const callId = () => desk.state.call?.id;
  const about = (name, path) => desk.command(name, () => api.post(`/calls/${callId()}/${path}/`));

  $("#answer").addEventListener("click", () => desk.phone?.answer());
  $("#decline").addEventListener("click", () => {
    declined = true;
    desk.phone?.decline();
  });
  $("#mute").addEventListener("click", () => desk.phone?.mute(!desk.phone.muted));
  $("#hold").addEventListener("click", () => about("hold", desk.state.call?.held_since ? "resume" : "hold"));
  $("#hang-up").addEventListener("click", () => {
    if (callId()) about("hang-up", "hangup");
    else desk.phone?.hangUp();
  });
  $("#keypad").addEventListener("click", () => openKeys(keys.hidden));

  function openKeys(open) {
    keys.hidden = !open;
    $("#keypad").setAttribute("aria-expanded", String(open));
  }

  for (const digit of "123456789*0#") {
    const press = () => {
      desk.phone?.digits(digit);
      $("#pressed").textContent += digit;
    };
    $("#pad").append(
      el("button", { class: "button", type: "button", "data-digit": digit, onclick: press },
        digit, el("small", { "aria-hidden": "true" }, LETTERS[digit] ?? "")),
    );
  }

  function showOffer() {
    const { offer } = desk.state;
    const rings = Boolean(desk.phone?.ringing);
    // The device knows our own number only; who calls comes with the server's word, a moment later.
    const callback = offer?.callback;
    if (offer?.transfer) return showAsked(offer, rings);
    const kind = callback ? "Callback" : "Call";
    // Customer first: the desk rings when they have picked up.
    const more = callback && !rings && callback.customer_first ? ", calling the customer" : "";
    showParty(offer ?? { name: "Incoming call" }, offer ? `${kind} for ${offer.queue.name}${more}` : "A call comes in");
    showTimer({ since: offer?.waiting_since, words: callback ? "since the caller joined" : offer ? "waiting" : "" });
    $("#answer").disabled = $("#decline").disabled = !rings;
    return `${callback ? "Callback to" : "Incoming call:"} ${$("#name").textContent}`;
  }

  // A colleague rings: for whom, and what answering means.
  function showAsked(offer, rings) {
    const { by, kind } = offer.transfer;
    const words = { warm: `${by} asks you about`, blind: `${by} sends you`, add: `${by} asks you to join`, return: "Nobody took your call:", inside: `${by} calls you` };
    showParty(offer, words[kind] + (kind === "inside" ? "" : offer.queue ? ` a call for ${offer.queue.name}` : " a call"));
    showTimer({ since: offer.waiting_since, words: "since it began" });
    $("#answer").disabled = $("#decline").disabled = !rings;
    return `${words[kind]} ${$("#name").textContent}`;
  }

  function showCall() {
    const { call } = desk.state;
    const [words, timerWords] = CALL_WORDS[call?.status] ?? CALL_WORDS.connecting;
    const where = call?.queue ? ` · ${call.queue.name}` : call?.our_label ? ` · ${call.our_label}` : "";
    const kind = call?.callback ? " · callback" : "";
    showParty(call ?? desk.state.offer ?? { name: "Connecting…" }, words + where + kind);
    showTimer({ since: call?.answered_at ?? call?.started_at, words: timerWords });
    showControls(call);
    return `${words}: ${$("#name").textContent}`;
  }

  function showControls(call) {
    const { phone, busy } = desk;
    const isHere = Boolean(phone?.active);
    const mute = $("#mute");
    mute.disabled = !isHere;
    mute.setAttribute("aria-pressed", String(Boolean(phone?.muted)));
    text($("span", mute), phone?.muted ? "Unmute" : "Mute");
    const hold = $("#hold");
    hold.disabled = !call?.answered_at || call.inside || busy.has("hold") || Boolean(call?.transfer && call.transfer.kind !== "add");
    hold.setAttribute("aria-pressed", String(Boolean(call?.held_since)));
    text($("span", hold), call?.held_since ? "Resume" : "Hold");
    $("#keypad").disabled = !isHere;
    $("#hang-up").disabled = busy.has("hang-up") || !(call || isHere);
    if (!isHere) openKeys(false);
    else if (call) soundedHere = call.id;
    // The server's news of the call may be a moment ahead of the telephone's.
    const isAway = call && !isHere && !phone?.ringing && call.status !== "connecting" && call.status !== "dialling";
    $("#elsewhere").hidden = !isAway;
    text($("#elsewhere"), call?.id === soundedHere ? "Your line has ended. The call closes in a moment."
      : "This call's sound is in another tab of yours. Hold and hang up work here too.");
  }

  function showIdle() {
    const { me } = desk.state;
    const waiting = me.queues.filter((queue) => queue.serving).reduce((sum, queue) => sum + queue.waiting, 0);
    const words = {
      available: ["Ready for the next call", waiting ? `${waiting} waiting in your queues.` : "It will ring here."],
      on_break: ["Enjoy your break", "No calls until you are available again."],
      offline: ["You are offline", "Make yourself available to get calls."],
    }[me.presence];
    text($("#idle-words"), words?.[0]);
    text($("#idle-more"), words?.[1]);
  }

  function showWrap() {
    const { wrap_up: wrap } = desk.state;
    showParty(wrap.call ?? { name: "Wrap-up" }, "Wrap-up after the call");
    showTimer(wrap.due_at ? { until: wrap.due_at, words: "left" } : { since: wrap.since, words: "wrap-up" });
    return "The call is over. Wrap-up has begun.";
  }

  const SHOW = { offer: showOffer, call: showCall, wrap: showWrap, idle: showIdle };

  return () => {
    const view = viewOf(desk);
    const stage = $("#stage");
    const changed = stage.dataset.view !== view;
    stage.dataset.view = view;
    for (const node of stage.querySelectorAll("[data-for]")) node.hidden = !node.dataset.for.split(" ").includes(view);
    if (view !== "call") openKeys(false);
    if (keyedFor !== callId()) {
      keyedFor = callId();
      $("#pressed").textContent = "";
    }
    const news = SHOW[view]();
    file(view);
    transfer(view);
    known(view);
    if (news && news !== lastNews) text($("#news"), news);
    lastNews = news;
    if (changed && view === "offer" && document.activeElement === document.body) $("#answer").focus();
    if (changed && lastView === "offer" && view === "idle" && !declined) toast("The call does not ring here any more.");
    if (view !== "offer") declined = false;
    lastView = view;
  };
}
