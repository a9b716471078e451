// Campaigns: how each stands and why it dials or does not, with the buttons that start, pause and end it.

import * as api from "../lib/api.js";
import { $, el, text, toast } from "../lib/dom.js";

const may = "runsCampaigns" in document.body.dataset;
const opens = "opensCampaigns" in document.body.dataset;

const STATUS = { running: "good", paused: "wait", draft: "" };
const ORDER = Object.keys(STATUS);
const BUTTONS = { running: [["pause", "Pause"]], paused: [["resume", "Resume"]], draft: [["start", "Start"]] };
const DONE = { start: "runs now", pause: "is paused now", resume: "goes on now", cancel: "is cancelled" };
const count = new Intl.NumberFormat("en");

export const byStatus = (a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status) || a.name.localeCompare(b.name);

// The row with who is signed in for it: operators of its queue, as the board knows them at this moment.
export function withCrew(row, operators) {
  const crew = [...operators.values()].filter((one) => row.queue && one.client === row.client && one.queues.includes(row.queue) && one.status !== "offline");
  return { ...row, crew: crew.map((one) => one.name).sort(), ready: crew.filter((one) => one.status === "ready").length };
}

const share = (part, whole) => (whole ? `${((100 * part) / whole).toFixed(part ? 1 : 0)} %` : "–");

function lostTone(row) {
  if (!row.answered) return null;
  const lost = (100 * row.abandoned) / row.answered;
  return lost > row.abandoned_limit_percent ? "bad" : row.abandoned && lost > 0.8 * row.abandoned_limit_percent ? "wait" : null;
}

function fact(label, value, more = "", tone = null) {
  return el("div", { "data-tone": tone }, el("dt", {}, label), el("dd", {}, el("strong", {}, value), more ? el("span", { class: "quiet small" }, ` ${more}`) : null));
}

function facts(row) {
  const names = row.crew.length > 4 ? `${row.crew.slice(0, 4).join(", ")} and ${row.crew.length - 4} more` : row.crew.join(", ");
  return el("dl", { class: "facts" },
    fact("Dialling", String(row.dialling)),
    fact("Talking", String(row.talking)),
    fact("Picked up", share(row.picked_up, row.tries), row.tries ? `of ${count.format(row.tries)} call${row.tries === 1 ? "" : "s"}` : ""),
    row.queue && row.mode !== "preview" ? fact("Abandoned", share(row.abandoned, row.answered), `limit ${row.abandoned_limit_percent} %`, lostTone(row)) : null,
    row.queue ? fact("Signed in", String(row.crew.length), row.crew.length ? `${row.ready} ready: ${names}` : "", row.crew.length || row.status !== "running" ? null : "bad") : null);
}

function controls(row) {
  const button = (act, words, tone = "") => el("button", { class: `button small ${tone}`, type: "button", "data-control": act === "cancel" ? "campaign-cancel" : "campaign-run",
    "data-act": act, "data-campaign": row.id, "aria-label": `${words} ${row.name}`, "aria-haspopup": act === "cancel" ? "dialog" : null }, words);
  return el("span", { class: "controls", "data-control": "" },
    ...BUTTONS[row.status].map(([act, words]) => button(act, words, act === "pause" ? "" : "go")), button("cancel", "Cancel…", "bare"));
}

export function campaignRow(row) {
  const done = row.total ? (100 * row.through) / row.total : 0;
  return el("li", { "data-status": row.status },
    el("span", { class: "title" },
      el("strong", {}, opens ? el("a", { href: row.page }, row.name) : row.name),
      el("span", { class: "badge", "data-tone": STATUS[row.status] }, row.status_words),
      el("span", { class: "quiet small" }, [row.mode, row.queue, row.client].filter(Boolean).join(" · "))),
    may ? controls(row) : null,
    el("span", { class: "progress" },
      el("progress", { max: row.total || 1, value: row.through, "aria-label": `Contacts of ${row.name} that are through` }),
      el("span", { class: "small number" }, `${count.format(row.through)} of ${count.format(row.total)} contacts`, row.total ? el("span", { class: "quiet" }, ` ${Math.floor(done)} %`) : null)),
    row.status === "draft" ? null : facts(row),
    row.status === "running" ? el("p", { class: "why small" }, row.why.join(" ")) : null);
}

export function setUpCampaigns(tables) {
  if (!may) return () => {};
  const dialog = $("#end");
  let chosen = null; // the id of the campaign that the dialog is about
  const busy = new Set();

  async function send(id, act) {
    if (busy.has(id)) return true;
    busy.add(id);
    const { name } = tables.campaigns.get(id);
    try {
      await api.post(`/campaigns/${id}/${act}/`);
      toast(`${name} ${DONE[act]}.`, "good");
      return true;
    } catch (error) {
      if (act !== "cancel") toast(error.message, "bad");
      else {
        $("#end-refusal").textContent = error.message;
        $("#end-refusal").hidden = false;
      }
      return false;
    } finally {
      busy.delete(id);
    }
  }

  function update() {
    if (!dialog.open) return;
    const row = tables.campaigns.get(chosen);
    if (!row) return void dialog.close();
    text($("#end-name"), row.name);
    const left = row.total - row.through;
    text($("#end-words"), left ? `${count.format(left)} of ${count.format(row.total)} contacts would not be called any more.` : "");
  }

  $("#campaigns").addEventListener("click", (event) => {
    const button = event.target.closest("[data-act]");
    if (!button) return;
    if (button.dataset.act !== "cancel") return void send(button.dataset.campaign, button.dataset.act);
    chosen = button.dataset.campaign;
    $("#end-refusal").hidden = true;
    dialog.showModal();
    update();
    $("#end-keep").focus();
  });
  $("#end-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await send(chosen, "cancel")) dialog.close();
  });
  for (const close of [$("#end-close"), $("#end-keep")]) close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => $(`[data-campaign="${chosen}"][data-act="cancel"]`)?.focus());
  return update;
}
