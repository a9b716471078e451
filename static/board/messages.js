// Writing to operators: to one, to a team or to who serves a queue; and who has read what was written.

import * as api from "../lib/api.js";
import { moment } from "../lib/clock.js";
import { $, el, list, toast } from "../lib/dom.js";
import { steers } from "./line.js";

export function setUpMessages(tables) {
  if (!steers) return;
  const dialog = $("#write");
  const refusal = $("#write-refusal");

  const by = (rows) => [...rows].sort((a, b) => a.name.localeCompare(b.name));
  const group = (label, kind, rows) => el("optgroup", { label }, ...by(rows).map((row) => el("option", { value: `${kind}:${row.id}` }, row.name)));

  const refuse = (sentence) => {
    refusal.textContent = sentence;
    refusal.hidden = !sentence;
  };

  const row = (message) => el("li", {},
    el("span", { class: "quiet small" }, `${moment(message.sent_at)} · ${message.by} to ${message.to}`),
    el("span", {}, message.text),
    el("span", { class: "badge", "data-tone": message.read_by === message.sent_to ? "good" : "wait" }, `read by ${message.read_by} of ${message.sent_to}`));

  async function fill() {
    try {
      const [teams, sent] = await Promise.all([api.get("/teams/?page_size=200"), api.get("/operators/messages/")]);
      const to = $("#write-to");
      const before = to.value;
      to.replaceChildren(
        group("Teams", "team", teams.results), group("Who serves the queue", "queue", tables.queues.values()),
        group("Operators", "operators", tables.operators.values()),
      );
      if (before) to.value = before;
      list($("#written"), sent, row);
    } catch (error) {
      refuse(error.message);
    }
  }

  $("#write-open").addEventListener("click", () => {
    refuse("");
    dialog.showModal();
    fill();
  });
  $("#write-close").addEventListener("click", () => dialog.close());
  $("#write-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const [kind, id] = $("#write-to").value.split(":");
    const fields = $("#write-fields");
    fields.disabled = true;
    refuse("");
    try {
      const sent = await api.post("/operators/messages/", { text: $("#write-text").value, [kind]: kind === "operators" ? [id] : id });
      toast(`On ${sent.sent_to} desk${sent.sent_to === 1 ? "" : "s"} now.`, "good");
      $("#write-text").value = "";
      await fill();
    } catch (error) {
      refuse(error.message);
    } finally {
      fields.disabled = false;
    }
  });
}
