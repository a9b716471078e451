// Listening in: from a call's row, with the telephone of this page, and a bar that says who hears you.

import * as api from "../lib/api.js";
import { $, el, text, toast } from "../lib/dom.js";
import { makePhone } from "../lib/phone/driver.js";

const { listens: right, me } = document.body.dataset;
export const listens = right !== undefined;
const HOW = { listen: "listens", whisper: "whispers", barge: "talks along" };

export const listener = (one) =>
  el("div", { class: "ear small", "data-mode": one.mode }, `${one.id === me ? "You" : one.name}: ${one.here ? HOW[one.mode] : "on the way"}`);

export function listenButton(row) {
  if (!["talking", "held"].includes(row.status)) return null;
  const mine = row.listeners.some((one) => one.id === me);
  return el("button", { class: "button small", type: "button", "data-control": "listen", "data-listen": row.id,
    disabled: mine, "aria-label": `Listen to ${row.operator || "the operator"} and ${row.name || row.number}` }, "Listen");
}

export function setUpEars(tables) {
  if (!listens) return () => {};
  const bar = $("#ears");
  let phone = null;
  let call = null; // the id of the call that we listen to, or are about to
  let left = null; // the one that we have left, until its row says so too
  let works = 0; // how many requests are out, or were a moment ago

  const row = () => tables.calls.get(call);
  const meIn = (one) => one?.listeners.find((each) => each.id === me);
  const mine = () => meIn(row());

  const leads = () => Boolean(phone?.active && row() && !mine() && row().operator);

  function refuse(sentence) {
    $("#ears-refusal").textContent = sentence;
    $("#ears-refusal").hidden = !sentence;
  }

  function update() {
    if (!meIn(tables.calls.get(left))) left = null;
    // A call in which we are is ours to show again after a reload of the page.
    if (!call) call = [...tables.calls.values()].find((one) => one.id !== left && meIn(one))?.id ?? null;
    const found = mine();
    const takenOver = leads();
    // Nobody listens to themselves.
    for (const each of document.querySelectorAll("[data-listen]")) each.hidden = takenOver && each.dataset.listen === call;
    bar.hidden = !call;
    if (!call) return;
    if (!row() || (!found && !takenOver && !works)) return close();
    text($("#ears-who"), [row().operator, row().name || row().number].filter(Boolean).join(" and "));
    text($("#ears-state"), takenOver ? "You lead this call." : found?.here ? "" : "Your telephone connects…");
    for (const button of bar.querySelectorAll("[data-mode]")) {
      button.setAttribute("aria-pressed", String(found?.mode === button.dataset.mode));
      button.disabled = works > 0 || takenOver;
    }
    text($("#ears-leave"), takenOver ? "Hang up" : "Leave");
    const take = $("#ears-take");
    if (take) take.disabled = works > 0 || !found?.here;
    $("#ears-captions").hidden = !(phone?.speaksText && phone.active);
  }

  function close() {
    [left, call] = [call, null];
    bar.hidden = true;
    refuse("");
    $("#ears-said").replaceChildren();
    // Registered only while it is needed: calls from a queue ring at the desk.
    const ended = phone;
    phone = null; // before it stops, which tells us of a change
    ended?.stop();
  }

  // The telephone of this page; it answers by itself what we asked for.
  async function readyPhone() {
    if (phone?.ready) return;
    const made = await makePhone(() => api.post("/operators/me/device-token/"));
    phone = made;
    made.addEventListener("change", () => {
      if (made.ringing && call) made.answer();
      update();
    });
    made.addEventListener("heard", ({ detail }) => say(detail, false));
    made.addEventListener("problem", ({ detail }) => toast(detail, "bad"));
    await made.start();
    for (let tries = 0; !made.ready && tries < 100; tries += 1) await new Promise((done) => { setTimeout(done, 100); });
    if (phone !== made) throw new Error("The call ended meanwhile.");
    if (!made.ready) throw new Error(made.reason);
  }

  function say(words, isMine) {
    const said = $("#ears-said");
    said.append(el("li", { "data-mine": isMine }, words));
    while (said.children.length > 40) said.firstChild.remove();
    said.scrollTop = said.scrollHeight;
  }

  async function ask(work, done) {
    works += 1;
    refuse("");
    update();
    try {
      await work();
      if (done) toast(done, "good");
    } catch (error) {
      refuse(error.message);
      if (!mine()) toast(error.message, "bad");
    } finally {
      // The row tells us a moment later that we are in there.
      setTimeout(() => { works -= 1; update(); }, 1500);
    }
  }

  const monitor = (mode) => ask(async () => {
    await readyPhone();
    await api.post(`/calls/${call}/monitor/`, { mode });
  });

  $("#calls").addEventListener("click", (event) => {
    const button = event.target.closest("[data-listen]");
    if (!button) return;
    if (call) {
      toast("You listen to a call already. Leave it first.", "bad");
      return;
    }
    call = button.dataset.listen;
    monitor("listen");
  });
  for (const button of bar.querySelectorAll("[data-mode]")) button.addEventListener("click", () => monitor(button.dataset.mode));
  $("#ears-take")?.addEventListener("click", () =>
    ask(() => api.post(`/calls/${call}/take-over/`), "The call is yours now. Your desk shows it as well."));
  $("#ears-leave").addEventListener("click", async () => {
    // Who has taken the call over ends it; who only took part leaves the others to talk on.
    const act = leads() ? "hangup" : "stop-monitoring";
    await ask(() => api.post(`/calls/${call}/${act}/`));
    if ($("#ears-refusal").hidden) close();
  });
  $("#ears-say").addEventListener("submit", (event) => {
    event.preventDefault();
    const words = $("#ears-words").value.trim();
    if (!words || !phone?.active) return;
    phone.say(words);
    say(words, true);
    $("#ears-words").value = "";
  });

  return update;
}
