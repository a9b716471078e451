// Who waits to be called back, and the dialog in which a supervisor moves a callback in time or takes it back.

import * as api from "../lib/api.js";
import { moment, now } from "../lib/clock.js";
import { $, el, text, toast } from "../lib/dom.js";

const may = "callsBack" in document.body.dataset;

const title = (row) => row.name || row.number;
const badge = (label, tone) => el("span", { class: "badge", "data-tone": tone }, label);

function promise(row) {
  if (row.promised_from) return `${moment(row.promised_from)} – ${moment(row.promised_until)}`;
  return `by ${moment(row.promised_until ?? row.expires_at)}`;
}

function state(row) {
  if (row.status === "calling") return badge(row.operator ? `Calling, ${row.operator}` : "Calling", "talk");
  if (Date.parse(row.promised_until ?? row.expires_at) < now()) return badge("Late", "bad");
  return Date.parse(row.next_try_at) <= now() ? badge("Due", "wait") : badge(`Next try ${moment(row.next_try_at)}`, "after");
}

export function callbackRow(row) {
  return el("tr", {},
    el("th", { scope: "row" }, el("span", { class: "who-words" },
      el("strong", {}, title(row)),
      row.name ? el("span", { class: "quiet small number" }, row.number) : null)),
    el("td", { class: "queue" }, row.queue_name),
    el("td", { class: "promised" }, promise(row)),
    el("td", { class: "decides" }, el("span", { class: "crew" }, state(row), row.front && badge("First", "talk"))),
    el("td", { class: "figure tries" }, `${row.tries} of ${row.tries_at_most}`),
    may && el("td", { class: "figure change" },
      el("button", { class: "button small", type: "button", "aria-haspopup": "dialog", "data-control": "plan",
        "data-callback": row.id, "aria-label": `Change the callback of ${title(row)}` }, "Change…")));
}

export const bySoonest = (a, b) => a.next_try_at.localeCompare(b.next_try_at) || a.asked_at.localeCompare(b.asked_at);

// A moment as the field for date and time wants it: in the browser's own zone, to the minute.
function local(iso) {
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

export function setUpPlanning(tables) {
  if (!may) return () => {};
  const dialog = $("#plan");
  let chosen = null; // the id of the callback that the dialog is about
  let isBusy = false;

  function update() {
    if (!dialog.open) return;
    const row = tables.callbacks.get(chosen);
    if (!row) {
      if (!isBusy) {
        dialog.close();
        toast("This callback is over.");
      }
      return;
    }
    text($("#plan-name"), title(row));
    text($("#plan-about"), `${row.queue_name}, ${row.number}`);
    $("#plan-fields").disabled = isBusy;
    $("#plan-now").disabled = $("#plan-move").disabled = row.status !== "waiting";
  }

  async function send(act, body, done) {
    isBusy = true;
    $("#plan-refusal").hidden = true;
    update();
    try {
      await api.post(`/callbacks/${chosen}/${act}/`, body);
      dialog.close();
      toast(done, "good");
    } catch (error) {
      const refusal = $("#plan-refusal");
      refusal.textContent = error.message;
      refusal.hidden = false;
    } finally {
      isBusy = false;
      update();
    }
  }

  const name = () => title(tables.callbacks.get(chosen));
  $("#plan-now").addEventListener("click", () => send("call-now", {}, `${name()} is called next.`));
  $("#plan-cancel").addEventListener("click", () => send("cancel", {}, `${name()} is not called back.`));
  $("#plan-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const at = new Date($("#plan-at").value);
    send("reschedule", { next_try_at: at.toISOString() }, `${name()} is called at ${moment(at.toISOString())}.`);
  });
  $("#plan-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => $(`[data-callback="${chosen}"]`)?.focus());

  $("#callbacks").addEventListener("click", (event) => {
    const button = event.target.closest("[data-callback]");
    if (!button) return;
    chosen = button.dataset.callback;
    $("#plan-refusal").hidden = true;
    const planned = Date.parse(tables.callbacks.get(chosen)?.next_try_at ?? "");
    $("#plan-at").value = local(Math.max(planned || 0, now() + 300000));
    dialog.showModal();
    update();
  });

  return update;
}
