// Disposition and note of a call: saved while one types, asked for at the end.

import * as api from "../lib/api.js";
import { $, el, list, text, toast } from "../lib/dom.js";

export function setUpFile(desk) {
  const form = $("#file");
  const note = $("#note");
  const disposition = $("#disposition");
  let card = null; // the call that the form is about
  let timer = null;
  let saved = { note: "", disposition: "" };

  const written = () => ({ note: note.value, disposition: disposition.value });
  const isDirty = () => card && (written().note !== saved.note || written().disposition !== saved.disposition);

  // One after the other: leaving a field and pressing the button would send the same words twice.
  let saving = Promise.resolve(true);
  function save() {
    clearTimeout(timer);
    if (isDirty()) {
      const [id, sent] = [card.id, written()];
      saving = saving.then(() => send(id, sent));
    }
    return saving;
  }

  async function send(id, sent) {
    if (card?.id === id && sent.note === saved.note && sent.disposition === saved.disposition) return true;
    const body = { note: sent.note };
    if (sent.disposition) body.disposition = sent.disposition;
    try {
      await api.patch(`/calls/${id}/`, body);
    } catch (error) {
      text($("#saved"), "not saved");
      toast(`The note is not saved. ${error.message}`, "bad");
      return false;
    }
    if (card?.id === id) saved = sent;
    text($("#saved"), isDirty() ? "" : "saved");
    return true;
  }

  note.addEventListener("input", () => {
    text($("#saved"), "");
    clearTimeout(timer);
    timer = setTimeout(save, 900);
  });
  note.addEventListener("blur", save);
  disposition.addEventListener("change", save);

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (card?.disposition_required && !disposition.value) {
      toast("Choose how the call ended first.", "bad");
      disposition.focus();
      return;
    }
    if (await save()) desk.command("done", () => api.post("/operators/me/finish-wrap-up/"));
  });

  $("#longer").addEventListener("click", () =>
    desk.command("longer", () => api.post("/operators/me/extend-wrap-up/", { seconds: 60 })));

  function take(next) {
    if (isDirty()) save();
    card = next;
    saved = { note: next.note, disposition: next.disposition ?? "" };
    note.value = saved.note;
    text($("#saved"), "");
  }

  return (view) => {
    const next = view === "wrap" ? desk.state.wrap_up.call : view === "call" ? desk.state.call : null;
    form.hidden = !next;
    if (!next) return;
    if (next.id !== card?.id) take(next);
    card = next;
    list(disposition, [{ id: "", name: "Choose…" }, ...next.dispositions], (row) => el("option", { value: row.id }, row.name));
    if (disposition.value !== saved.disposition && document.activeElement !== disposition) disposition.value = saved.disposition;
    $("#must").hidden = !next.disposition_required;
    $("#done").disabled = desk.busy.has("done");
    $("#longer").hidden = !desk.state.wrap_up?.due_at;
    $("#longer").disabled = desk.busy.has("longer");
  };
}
