// Giving the call to somebody else, or bringing them in; and what was asked of oneself.

import * as api from "../lib/api.js";
import { $, el, icon, list, text, toast } from "../lib/dom.js";
import { STATE, colleaguesOf } from "./colleagues.js";

const ANSWERS = {
  refused: "does not take the call", message: "asks you to take a message", no_answer: "does not answer",
  lost: "was lost on the line",
};
const REFRESH_MS = 4000;
const looksLikeNumber = (value) => /^[+\d][\d\s().-]{2,}$/.test(value);

export function setUpTransfer(desk) {
  const panel = $("#others");
  const field = $("#whom");
  let queues = []; // with who is free and who waits; asked for while the panel is open
  let timer = null;
  let toldOf = null; // the answer that was shown already
  let shownFor = null; // the call that the panel is open for

  const call = () => desk.state.call;
  const command = (path, body) => desk.command("transfer", () => api.post(`/calls/${call().id}/${path}/`, body));

  async function begin(kind, target) {
    if ((await command("transfer", { kind, ...target })) !== null) open(false);
  }

  async function refresh() {
    clearTimeout(timer);
    if (panel.hidden) return;
    try {
      ({ queues } = await api.get("/operators/me/directory/"));
      showTargets();
    } catch (error) {
      toast(`The queues cannot be shown. ${error.message}`, "bad");
    }
    timer = setTimeout(refresh, REFRESH_MS);
  }

  function open(on) {
    panel.hidden = !on;
    $("#transfer").setAttribute("aria-expanded", String(on));
    if (!on) return clearTimeout(timer);
    field.value = "";
    field.focus();
    return refresh();
  }

  $("#transfer").addEventListener("click", () => open(panel.hidden));
  $("#leave").addEventListener("click", () => command("leave"));
  $("#others-close").addEventListener("click", () => {
    open(false);
    $("#transfer").focus();
  });
  panel.addEventListener("keydown", (event) => event.key === "Escape" && $("#others-close").click());
  field.addEventListener("input", showTargets);

  function rows() {
    const typed = field.value.trim();
    const fits = (name, more = "") => `${name} ${more}`.toLowerCase().includes(typed.toLowerCase());
    const number = looksLikeNumber(typed) ? [{ id: "number", name: typed, words: "outside number", tone: "", target: { number: typed }, ways: ["warm", "blind", "add"] }] : [];
    const people = colleaguesOf(desk).filter((row) => fits(row.name, `${row.team} ${row.extension}`)).map((row) => {
      const [words, tone] = STATE[row.state];
      const ways = row.state === "free" ? ["warm", "blind", "add"] : [];
      return { id: row.id, name: row.name, words, tone, target: { operator: row.id }, ways };
    });
    const lines = queues.filter((row) => fits(row.name)).map((row) => ({
      id: row.id, name: row.name, target: { queue: row.id }, tone: row.free ? "good" : "",
      words: row.is_open ? `queue · ${row.free} free · ${row.waiting} waiting` : "queue · closed",
      ways: [...(row.free ? ["warm"] : []), ...(row.is_open ? ["blind"] : [])],
    }));
    return [...number, ...people, ...lines];
  }

  const WAYS = {
    warm: ["Ask first", "Talk to them first; the customer hears music"],
    blind: ["Send", "Give the call away at once"],
    add: ["Add", "Bring them in; everybody hears everybody"],
  };

  function row({ name, words, tone, target, ways }) {
    return el("li", {},
      el("div", {}, el("strong", {}, name), el("span", { class: "badge", "data-tone": tone }, words)),
      el("div", { class: "row" }, ...ways.map((way) =>
        el("button", { class: "button small", type: "button", title: WAYS[way][1], "data-control": way,
          "aria-label": `${WAYS[way][0]}: ${name}`, onclick: () => begin(way, target) }, WAYS[way][0]))));
  }

  function showTargets() {
    const found = rows();
    list($("#targets"), found, row);
    $("#no-targets").hidden = found.length > 0;
  }

  function party(row) {
    const about = row.role === "customer" ? "customer" : row.role === "external" ? "outside number" : row.role === "supervisor" ? "supervisor" : "operator";
    const state = !row.here ? ["ringing", "wait"] : row.held ? ["on hold", "wait"] : row.voice === "muted" ? ["muted", "wait"] : ["in the call", "talk"];
    const steer = (what, words, symbol) => el("button", { class: "button bare small icon-only", type: "button", "data-control": what,
      "aria-label": `${words} ${row.name}`, title: words, onclick: () => command(`parties/${row.id}/${what}`) }, icon(symbol));
    const controls = !row.here || row.mine || row.role === "supervisor" ? [] : [
      row.held ? steer("resume", "Take off hold:", "phone") : steer("hold", "Put on hold:", "pause"),
      row.voice === "muted" ? steer("unmute", "Let be heard:", "mic") : steer("mute", "Mute:", "mic-off"),
      row.role === "customer" ? null : steer("remove", "Take out of the call:", "user-off"),
    ];
    return el("li", {},
      el("div", {}, el("strong", {}, row.mine ? `${row.name} (you)` : row.name), el("span", { class: "quiet small" }, about)),
      el("span", { class: "badge", "data-tone": state[1] }, state[0]),
      el("span", { class: "row tight" }, ...controls));
  }

  const button = (words, path, style = "", body = () => undefined) => ({ id: path, words, path, style, body });

  // What is under way, in words, and what one may press now.
  function asking(under) {
    const note = () => ({ note: $("#answer-words").value.trim() });
    if (under.asked) {
      if (under.status !== "consulting") return null;
      return { words: `${under.by} asks you to take this call`, more: "The customer hears music. You two are talking.", note: true, buttons: [
        button("Take the call", "transfer/complete", "go"), button("No, thanks", "transfer/refuse", "", note),
        button("Take a message", "transfer/message", "", note)] };
    }
    if (!under.mine) return { words: `${under.by} asks ${under.target}`, more: "", buttons: [] };
    if (under.status === "ringing") {
      const hears = under.kind === "add" ? "" : "The customer hears music.";
      return { words: `Ringing ${under.target}…`, more: hears, buttons: [
        ...(under.kind === "warm" ? [button("Hand over now", "transfer/complete", "go")] : []), button("Call off", "transfer/cancel")] };
    }
    return { words: `You talk to ${under.target}`, more: "The customer hears music.", buttons: [
      button("Hand over", "transfer/complete", "go"), button("All three together", "transfer/join"),
      button("Back to the customer", "transfer/cancel")] };
  }

  function showAsking(under) {
    const shown = under && asking(under);
    $("#asking").hidden = !shown;
    if (!shown) return void ($("#answer-words").value = "");
    text($("#asking-words"), shown.words);
    text($("#asking-more"), shown.more);
    $("#answer-note").hidden = !shown.note;
    list($("#asking-buttons"), shown.buttons, ({ words, path, style, body }) =>
      el("button", { class: `button ${style}`, type: "button", "data-control": path, onclick: () => command(path, body()) }, words));
    for (const each of $("#asking-buttons").children) each.disabled = desk.busy.has("transfer");
    return undefined;
  }

  function tell(answer) {
    if (!answer || answer.id === toldOf) return;
    const isNews = toldOf !== null || desk.state.call.parties.length;
    toldOf = answer.id;
    if (isNews && ANSWERS[answer.status]) toast(`${answer.target} ${ANSWERS[answer.status]}.${answer.note ? ` “${answer.note}”` : ""}`, "wait");
  }

  return (view) => {
    const card = view === "call" ? call() : null;
    const others = card?.parties ?? [];
    const talks = Boolean(card?.answered_at);
    if (card?.id !== shownFor) {
      shownFor = card?.id;
      open(false);
    }
    // Two colleagues among themselves have nobody to hand on.
    $("#transfer").hidden = !card || card.inside;
    $("#transfer").disabled = !talks || Boolean(card?.transfer) || desk.busy.has("transfer");
    if (!talks || card?.transfer) open(false);
    // Two who talk need no list; it comes with the third.
    const meets = others.length > 2 && (!card.transfer || card.transfer.kind === "add");
    list($("#parties"), meets ? others : [], party);
    $("#parties").hidden = !meets;
    const company = others.filter((row) => row.here && !row.mine && row.role !== "customer" && row.role !== "supervisor");
    $("#leave").hidden = card?.inside || !company.length || Boolean(card?.transfer);
    $("#leave").disabled = desk.busy.has("transfer");
    if (!panel.hidden) showTargets(); // somebody may have become free, or busy
    showAsking(card?.transfer ?? null);
    tell(card?.answer);
  };
}
