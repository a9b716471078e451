// Calling out: a number as people type it, or a person found by name; and the last calls, to call again.

import * as api from "../lib/api.js";
import { moment, words } from "../lib/clock.js";
import { $, el, icon, list, text, toast } from "../lib/dom.js";

const looksLikeNumber = (value) => /^[+\d][\d\s().-]*$/.test(value.trim());

export function setUpDial(desk) {
  const to = $("#to");
  const found = $("#found");
  let chosen = null; // the person of the number in the field
  let choices = [];
  let marked = -1;
  let timer = null;
  let asked = 0;

  function call(number, person) {
    const shown = $("#from").value;
    return place({ to: number, ...(person && { person }), ...(shown && { from: shown }) });
  }

  const callColleague = (colleague) => place({ colleague });
  desk.callColleague = callColleague;

  async function place(body) {
    await desk.command("call", async () => {
      if (!desk.phone?.ready) throw new Error("The telephone is not connected. Wait until it is ready.");
      const placed = await api.post("/calls/", body);
      try {
        await desk.phone.connect({ token: placed.connect_token });
      } catch (error) {
        await api.post(`/calls/${placed.call.id}/hangup/`);
        throw error;
      }
      to.value = "";
      chosen = null;
    });
  }

  $("#dial").addEventListener("submit", async (event) => {
    event.preventDefault();
    const value = to.value.trim();
    if (!value) return to.focus();
    if (!chosen && !looksLikeNumber(value)) {
      clearTimeout(timer);
      await search(); // what is shown may answer what was written before
      if (choices.length) return pick(choices[Math.max(marked, 0)]);
      return toast("Write a number, or choose a person from the list.", "bad");
    }
    close();
    return call(chosen?.number ?? value, chosen?.person);
  });

  function close() {
    found.hidden = true;
    to.setAttribute("aria-expanded", "false");
    to.removeAttribute("aria-activedescendant");
    marked = -1;
  }

  function pick(choice) {
    chosen = choice;
    to.value = `${choice.name} ${choice.number}`;
    choices = [];
    close();
    $("#call").focus();
  }

  function mark(index) {
    marked = (index + choices.length) % choices.length;
    [...found.children].forEach((node, i) => node.setAttribute("aria-selected", String(i === marked)));
    found.children[marked]?.scrollIntoView({ block: "nearest" });
    to.setAttribute("aria-activedescendant", found.children[marked]?.id ?? "");
  }

  async function search() {
    const query = to.value.trim();
    const mine = ++asked;
    let people = [];
    if (query.length >= 2) {
      try {
        people = (await api.get(`/people/?search=${encodeURIComponent(query)}&page_size=8`)).results;
      } catch (error) {
        toast(`People cannot be searched. ${error.message}`, "bad");
      }
    }
    if (mine !== asked) return;
    choices = people.flatMap((person) =>
      person.numbers.map((row) => ({ person: person.id, name: person.name, number: row.number, label: row.label ?? "" })),
    );
    found.replaceChildren(
      ...choices.map((choice, index) =>
        el("li", { id: `found-${index}`, role: "option", "aria-selected": "false",
          onpointerdown: (event) => { event.preventDefault(); pick(choice); } },
          el("span", {}, choice.name),
          el("span", { class: "quiet small number" }, [choice.number, choice.label].filter(Boolean).join(" · "))),
      ),
    );
    found.hidden = !choices.length;
    to.setAttribute("aria-expanded", String(choices.length > 0));
    marked = -1;
  }

  to.addEventListener("input", () => {
    chosen = null;
    marked = -1;
    clearTimeout(timer);
    timer = setTimeout(search, 200);
  });
  to.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    else if (event.key === "ArrowDown" && choices.length) mark(marked + 1);
    else if (event.key === "ArrowUp" && choices.length) mark(marked - 1);
    else if (event.key === "Enter" && marked >= 0) pick(choices[marked]);
    else return;
    event.preventDefault();
  });
  to.addEventListener("blur", close);

  function recent(row) {
    const missed = !row.answered_at;
    const arrow = icon(row.direction === "inbound" ? "in" : "out");
    if (missed) arrow.dataset.tone = "bad";
    const about = `${row.direction === "inbound" ? "Incoming" : "Outgoing"}, ${row.outcome}`;
    const spoken = missed ? row.outcome : words((Date.parse(row.ended_at) - Date.parse(row.answered_at)) / 1000);
    const redial = () => (row.colleague ? callColleague(row.colleague) : call(row.callable, row.person));
    const again = row.callable || row.colleague
      ? el("button", { class: "button bare small icon-only", type: "button", "aria-label": `Call ${row.name || row.number}`,
          onclick: redial }, icon("phone"))
      : null;
    return el("li", {}, arrow,
      el("div", {}, el("strong", {}, row.name || row.number), el("span", { class: "quiet small" },
        el("span", { class: "sr-only" }, `${about}. `), `${moment(row.started_at)} · ${spoken}`)),
      again);
  }

  return () => {
    const { recent: rows, call: live } = desk.state;
    list($("#recent"), rows, recent);
    $("#no-recent").hidden = rows.length > 0;
    const isBusy = Boolean(live || desk.phone?.active || desk.phone?.ringing);
    for (const button of document.querySelectorAll("#call, #recent button")) {
      button.disabled = isBusy || desk.busy.has("call");
    }
    const { numbers } = desk.setup;
    list($("#from"), [{ number: "", label: "Usual number" }, ...numbers], (row) =>
      el("option", { value: row.number }, row.number ? `${row.label} ${row.number}` : row.label), { key: (row) => row.number });
    $("#from").hidden = numbers.length < 2;
    text($("#call").lastChild, desk.busy.has("call") ? "Calling…" : "Call");
  };
}
