// Operators: their rows, and the dialog in which a supervisor changes what they do, whom they serve and what they can.

import * as api from "../lib/api.js";
import { $, el, text, toast } from "../lib/dom.js";
import { steers } from "./line.js";

export const DOING = {
  ready: ["Ready", "good"],
  ringing: ["Ringing", "good"],
  dialling: ["Calling", "talk"],
  talking: ["Talking", "talk"],
  held: ["Customer on hold", "talk"],
  consulting: ["With a colleague", "talk"],
  monitoring: ["Listening in", "after"],
  previewing: ["Previewing", "talk"],
  busy: ["Busy", "talk"],
  wrap_up: ["Wrap-up", "after"],
  on_break: ["On a break", "wait"],
  unreachable: ["Not reachable", "bad"],
  offline: ["Offline", ""],
};

const initials = (name) => name.split(/\s+/).slice(0, 2).map((part) => part[0]?.toUpperCase() ?? "").join("");

export function operatorRow(row) {
  const [label, tone] = DOING[row.status] ?? [row.status, ""];
  const doing = row.status === "on_break" && row.reason ? row.reason : label;
  const about = row.with ? (row.status === "previewing" ? row.with : `with ${row.with}`) : row.status === "unreachable" && row.reason ? row.reason : [...new Set([row.team, ...row.queues])].join(" · ");
  return el("li", {},
    el("span", { class: "face", "data-tone": tone, "aria-hidden": "true" }, initials(row.name)),
    el("span", { class: "words" }, el("strong", {}, row.name),
      row.help ? el("span", { class: "cry small" }, "Help ", el("time", { "data-since": row.help }), row.help_note ? ` ${row.help_note}` : "")
        : el("span", { class: "quiet small" }, about)),
    el("span", { class: "now" },
      el("span", { class: "badge", "data-tone": tone }, doing),
      el("span", { class: "quiet small", "data-limit": row.status === "on_break" && row.limit_seconds ? row.limit_seconds : null },
        row.status === "offline" ? "" : el("time", { "data-since": row.since ?? "" }))),
    steers && el("button", { class: "button bare small icon-only", type: "button", "aria-haspopup": "dialog", "data-control": "manage",
      "data-operator": row.id, "aria-label": `Change what ${row.name} does` }, "⋯"));
}

// Who asks for help is heard of at once, wherever the page stands.
export function setUpHelp(tables) {
  let known = null; // who asked when we looked last; null before the first picture
  return () => {
    const asking = [...tables.operators.values()].filter((row) => row.help);
    for (const row of asking) if (known && !known.has(row.id + row.help)) toast(`${row.name} asks for help. ${row.help_note}`.trim(), "bad");
    if (tables.operators.size || known) known = new Set(asking.map((row) => row.id + row.help));
  };
}

export function setUpManaging(tables) {
  if (!steers) return () => {};
  const dialog = $("#manage");
  let chosen = null; // the id of the operator that the dialog is about
  let skills = null; // what there is to be able to do, once asked for
  let isBusy = false;

  const row = () => tables.operators.get(chosen);
  const queuesThere = () => [...tables.queues.values()].filter((one) => one.client === row().client).sort((a, b) => a.name.localeCompare(b.name));

  function update() {
    if (!dialog.open) return;
    if (!row()) return dialog.close();
    const [label] = DOING[row().status] ?? [row().status];
    text($("#manage-name"), row().name);
    text($("#manage-about"), [row().team, label].join(", "));
    $("#manage-fields").disabled = isBusy;
    $("#manage-available").disabled = row().presence === "available" && row().status !== "unreachable";
    $("#manage-offline").disabled = row().presence === "offline";
    $("#manage-wrap-up").disabled = row().status !== "wrap_up";
    $("#manage-helped").hidden = !row().help;
  }

  async function send(work, done) {
    isBusy = true;
    $("#manage-refusal").hidden = true;
    update();
    try {
      await work();
      toast(done, "good");
    } catch (error) {
      $("#manage-refusal").textContent = error.message;
      $("#manage-refusal").hidden = false;
    } finally {
      isBusy = false;
      update();
    }
  }

  const presence = (status, done, reason = null) =>
    send(() => api.post(`/operators/${chosen}/presence/`, { status, reason }), `${row().name} ${done}.`);

  // What is changed here stays as it is on the screen until it is saved, whatever the board says meanwhile.
  async function fill() {
    $("#manage-queues").replaceChildren(...queuesThere().map((one) =>
      el("label", { class: "tick" }, el("input", { type: "checkbox", value: one.id, checked: row().queues.includes(one.name) }), one.name)));
    try {
      const [reasons, able, known] = await Promise.all([
        api.get("/break-reasons/?active=true"), api.get(`/operators/${chosen}/`), skills ?? api.get("/skills/?page_size=200")]);
      skills = known;
      $("#manage-reason").replaceChildren(el("option", { value: "" }, "no reason given"), ...reasons.results.map((one) => el("option", { value: one.id }, one.name)));
      const level = new Map(able.skills.map((one) => [one.skill, one.level]));
      $("#manage-skills").replaceChildren(...known.results.map((one) => el("label", { class: "tick" }, one.name,
        el("select", { "data-skill": one.id, "aria-label": `Level of ${one.name}` },
          ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => el("option", { value: n, selected: n === (level.get(one.id) ?? 0) }, n || "–"))))));
      $("#manage-skills-box").hidden = !known.results.length;
    } catch (error) {
      $("#manage-refusal").textContent = error.message;
      $("#manage-refusal").hidden = false;
    }
  }

  $("#manage-available").addEventListener("click", () => presence("available", "is available now"));
  $("#manage-offline").addEventListener("click", () => presence("offline", "is logged out now"));
  $("#manage-break").addEventListener("click", () => presence("on_break", "is on a break now", $("#manage-reason").value || null));
  $("#manage-wrap-up").addEventListener("click", () => send(() => api.post(`/operators/${chosen}/finish-wrap-up/`), `The wrap-up of ${row().name} is over.`));
  $("#manage-helped").addEventListener("click", () => send(() => api.post(`/operators/${chosen}/helped/`), `${row().name} has been helped.`));
  $("#manage-save-queues").addEventListener("click", () => {
    const queues = [...$("#manage-queues").querySelectorAll("input:checked")].map((box) => box.value);
    send(() => api.put(`/operators/${chosen}/queues/`, { queues }), `${row().name} serves ${queues.length || "no"} queue${queues.length === 1 ? "" : "s"} now.`);
  });
  $("#manage-save-skills").addEventListener("click", () => {
    const levels = [...$("#manage-skills").querySelectorAll("select")].filter((one) => Number(one.value))
      .map((one) => ({ skill: one.dataset.skill, level: Number(one.value) }));
    send(() => api.patch(`/operators/${chosen}/`, { skills: levels }), `The skills of ${row().name} are saved.`);
  });
  $("#manage-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => $(`[data-operator="${chosen}"]`)?.focus());

  $("#operators").addEventListener("click", (event) => {
    const button = event.target.closest("[data-operator]");
    if (!button) return;
    chosen = button.dataset.operator;
    $("#manage-refusal").hidden = true;
    dialog.showModal();
    update();
    fill();
  });

  return update;
}
