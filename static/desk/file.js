// Disposition, fields and note of a call: saved while one types, asked for at the end.

import * as api from "../lib/api.js";
import { $, el, list, text, toast } from "../lib/dom.js";

const option = (row) => el("option", { value: row.id }, row.name);

export function setUpFile(desk) {
  const form = $("#file");
  const note = $("#note");
  const disposition = $("#disposition");
  const closer = $("#closer");
  const fields = $("#fields");
  let card = null; // the call that the form is about
  let timer = null;
  let saved = { note: "", disposition: "", answers: {} };

  const under = (id) => card.dispositions.filter((row) => row.parent === id);
  const find = (id) => card.dispositions.find((row) => row.id === id);
  const answers = () => Object.fromEntries([...fields.querySelectorAll("[name]")].map((field) => [field.dataset.label, field.value.trim()]));
  const written = () => ({ note: note.value, disposition: closer.value || disposition.value, answers: answers() });
  const same = (a, b) => a.note === b.note && a.disposition === b.disposition && Object.keys(a.answers).every((label) => a.answers[label] === (b.answers[label] ?? ""));
  const isDirty = () => card && !same(written(), saved);

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
    if (card?.id === id && same(sent, saved)) return true;
    const body = { note: sent.note, answers: sent.answers };
    if (sent.disposition) body.disposition = sent.disposition;
    try {
      await api.patch(`/calls/${id}/`, body);
    } catch (error) {
      text($("#saved"), "not saved");
      toast(`This is not saved. ${error.message}`, "bad");
      return false;
    }
    if (card?.id === id) saved = sent;
    text($("#saved"), isDirty() ? "" : "saved");
    return true;
  }

  const saveSoon = () => {
    text($("#saved"), "");
    clearTimeout(timer);
    timer = setTimeout(save, 900);
  };
  form.addEventListener("input", ({ target }) => target.matches("input, textarea") && saveSoon());
  note.addEventListener("blur", save);
  fields.addEventListener("change", save);
  disposition.addEventListener("change", () => {
    showCloser("");
    save();
  });
  closer.addEventListener("change", () => {
    showNeeds();
    save();
  });

  // What still has to be said; the server asks for the same and has the last word.
  function missing() {
    if (card?.disposition_required && !disposition.value) return ["Choose how the call ended first.", disposition];
    if (!$("#closer-field").hidden && !closer.value) return ["Choose more exactly how the call ended.", closer];
    const blank = [...fields.querySelectorAll("[required]")].find((field) => !field.value.trim());
    if (blank) return [`Fill in “${blank.dataset.label}” first.`, blank];
    if (!$("#note-must").hidden && !note.value.trim()) return ["Write a note first: this ending needs one.", note];
    return null;
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const open = missing();
    if (open) {
      toast(open[0], "bad");
      open[1].focus();
      return;
    }
    if (await save()) desk.command("done", () => api.post("/operators/me/finish-wrap-up/"));
  });

  $("#longer").addEventListener("click", () =>
    desk.command("longer", () => api.post("/operators/me/extend-wrap-up/", { seconds: 60 })));

  function field({ label, required, choices }, value) {
    const props = { name: "answer", "data-label": label, required };
    const input = choices.length
      ? el("select", props, ...[{ id: "", name: "Choose…" }, ...choices.map((choice) => ({ id: choice, name: choice }))].map(option))
      : el("input", { ...props, maxlength: 500, autocomplete: "off" });
    input.value = value ?? "";
    return el("label", { class: "field" }, el("span", {}, label, required ? el("span", { class: "quiet" }, " (needed)") : null), input);
  }

  function showCloser(chosen) {
    const rows = disposition.value ? under(disposition.value) : [];
    list(closer, [{ id: "", name: "Choose…" }, ...rows], option);
    closer.value = chosen;
    $("#closer-field").hidden = !rows.length;
    showNeeds();
  }

  function showNeeds() {
    $("#note-must").hidden = !find(closer.value || disposition.value)?.needs_note;
  }

  function choose(id) {
    const row = find(id);
    disposition.value = row?.parent ?? id;
    showCloser(row?.parent ? id : "");
  }

  function take(next) {
    if (isDirty()) save();
    card = next;
    saved = { note: next.note, disposition: next.disposition ?? "", answers: { ...next.answers } };
    note.value = saved.note;
    fields.replaceChildren(...next.fields.map((row) => field(row, next.answers[row.label])));
    text($("#saved"), "");
  }

  return (view) => {
    const next = view === "wrap" ? desk.state.wrap_up.call : view === "call" ? desk.state.call : null;
    // Colleagues among themselves have nothing to file.
    form.hidden = !next || next.inside;
    if (form.hidden) return;
    const isNew = next.id !== card?.id;
    if (isNew) take(next);
    card = next;
    list(disposition, [{ id: "", name: "Choose…" }, ...under(null)], option);
    const isAt = [disposition, closer].includes(document.activeElement);
    if (isNew || (!isAt && (closer.value || disposition.value) !== saved.disposition)) choose(saved.disposition);
    $("#must").hidden = !next.disposition_required;
    $("#done").disabled = desk.busy.has("done");
    $("#longer").hidden = !desk.state.wrap_up?.due_at;
    $("#longer").disabled = desk.busy.has("longer");
  };
}
