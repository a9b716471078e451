// Who waits, in the order in which they are served, and the dialog in which a supervisor changes that.

import * as api from "../lib/api.js";
import { $, el, text, toast } from "../lib/dom.js";

export const steers = "steers" in document.body.dataset;

const title = (row) => row.name || row.number;
const badge = (label, tone) => el("span", { class: "badge", "data-tone": tone }, label);

// Everything that decides when this caller is served, and by whom.
function decides(row) {
  const words = [`Priority ${row.priority}${row.effective > row.priority ? `, by waiting ${row.effective}` : ""}`];
  if (row.asks) words.push(row.content_with === row.asks ? `asks for ${row.asks}` : `asked for ${row.asks}, now ${row.content_with}`);
  return el("td", { class: "decides" },
    el("span", { class: "crew" },
      row.kind === "callback" && badge("Callback", "after"),
      row.status === "offered" && badge("Ringing", "good"),
      row.status === "choosing" && badge("Asking for a callback", "after"),
      row.front && badge("First", "talk"),
      row.reserved_for && badge(`For ${row.reserved_for}`, "talk")),
    el("div", { class: "quiet small" }, words.join(" · ")));
}

export function lineRow(row) {
  return el("tr", {},
    el("td", { class: "figure place" }, row.place ? String(row.place) : "–"),
    el("th", { scope: "row" }, el("span", { class: "who-words" },
      el("strong", {}, title(row)),
      row.name ? el("span", { class: "quiet small number" }, row.number) : null)),
    el("td", { class: "queue" }, row.queue_name),
    el("td", { class: "figure waits" }, el("time", { "data-since": row.since })),
    decides(row),
    steers && el("td", { class: "figure change" },
      el("button", { class: "button small", type: "button", "aria-haspopup": "dialog", "data-control": "steer",
        "data-entry": row.id, "aria-label": `Change the place of ${title(row)}` }, "Change…")));
}

// By queue, and in each as they are served.
export const inOrder = (a, b) =>
  a.queue_name.localeCompare(b.queue_name) || (a.place || Infinity) - (b.place || Infinity) || a.since.localeCompare(b.since);

export function setUpSteering(tables) {
  if (!steers) return () => {};
  const dialog = $("#steer");
  let entry = null; // the id of the place that the dialog is about
  let isBusy = false;

  const caller = () => tables.line.get(entry);

  function options(select, rows, chosen) {
    const before = select.value;
    const print = JSON.stringify(rows);
    if (select.print === print) return;
    select.print = print;
    select.replaceChildren(...rows.map(([value, label]) => el("option", { value }, label)));
    const wanted = before && rows.some(([value]) => value === before) ? before : chosen;
    if (wanted) select.value = wanted;
  }

  // Those who serve the queue, the ready ones first; who is not there cannot be handed a caller.
  function operators(row) {
    const there = [...tables.operators.values()].filter(
      (one) => one.client === row.client && one.queues.includes(row.queue_name) && one.presence === "available" && one.status !== "unreachable",
    );
    there.sort((a, b) => (b.status === "ready") - (a.status === "ready") || a.name.localeCompare(b.name));
    const words = (one) => (one.status === "ready" ? `${one.name}, ready` : `${one.name}, busy: rung when free`);
    const free = row.reserved_for ? [["", "anybody again"]] : [];
    return [...free, ...there.map((one) => [one.id, words(one)])];
  }

  function update() {
    if (!dialog.open) return;
    const row = caller();
    if (!row) {
      if (!isBusy) {
        dialog.close();
        toast("This caller does not wait any more.");
      }
      return;
    }
    text($("#steer-name"), title(row));
    text($("#steer-about"), `${row.queue_name}${row.place ? `, place ${row.place}` : ""}`);
    const queues = [...tables.queues.values()].filter((one) => one.client === row.client && one.id !== row.queue);
    const there = operators(row);
    options($("#steer-operator"), there.length ? there : [["", "nobody of this queue is there"]], row.reserved_id);
    options($("#steer-queue"), queues.sort((a, b) => a.name.localeCompare(b.name)).map((one) => [one.id, `${one.name}, ${one.waiting} waiting`]));
    $("#steer-fields").disabled = isBusy;
    $("#steer-first").disabled = row.front;
    $("[data-act=assign]").disabled = !there.length;
    $("[data-act=move]").disabled = !$("#steer-queue").options.length;
  }

  async function send(act, body, done) {
    isBusy = true;
    $("#steer-refusal").hidden = true;
    update();
    try {
      await api.post(`/queue-entries/${entry}/${act}/`, body);
      dialog.close();
      toast(done, "good");
    } catch (error) {
      const refusal = $("#steer-refusal");
      refusal.textContent = error.message;
      refusal.hidden = false;
    } finally {
      isBusy = false;
      update();
    }
  }

  const label = (select) => select.selectedOptions[0]?.textContent.split(",")[0] ?? "";
  const ACTS = {
    first: (name) => ["first", {}, `${name} is served first now.`],
    assign: (name) => {
      const select = $("#steer-operator");
      const done = select.value ? `${name} is kept for ${label(select)}.` : `Anybody may take ${name} again.`;
      return ["assign", { operator: select.value || null }, done];
    },
    move: (name) => ["move", { queue: $("#steer-queue").value }, `${name} waits in ${label($("#steer-queue"))} now.`],
    priority: (name) => ["priority", { priority: Number($("#steer-priority").value) }, `${name} has priority ${$("#steer-priority").value} now.`],
  };

  const act = (name) => caller() && send(...ACTS[name](title(caller())));
  $("#steer-first").addEventListener("click", () => act("first"));
  for (const button of dialog.querySelectorAll("[data-act]")) button.addEventListener("click", () => act(button.dataset.act));
  $("#steer-form").addEventListener("submit", (event) => event.preventDefault());
  // Enter in a choice means the button beside it.
  $("#steer-form").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.tagName !== "SELECT") return;
    event.preventDefault();
    const button = event.target.closest(".field").nextElementSibling;
    if (!button.disabled) button.click();
  });
  $("#steer-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => $(`[data-entry="${entry}"]`)?.focus());

  $("#line-table").addEventListener("click", (event) => {
    const button = event.target.closest("[data-entry]");
    if (!button) return;
    entry = button.dataset.entry;
    for (const select of [$("#steer-operator"), $("#steer-queue")]) select.print = select.value = "";
    $("#steer-refusal").hidden = true;
    dialog.showModal();
    update();
    $("#steer-priority").value = String(caller()?.priority ?? 5);
  });

  return update;
}
