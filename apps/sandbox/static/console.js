// The console: tables of what the network knows and did.

import { $, ask, el, timeOf } from "./lib.js";

const ROWS_KEPT = 400;

function fill(body, rows) {
  body.replaceChildren(...rows);
  showEmpty(body);
}

function showEmpty(body) {
  const panel = body.closest("section");
  $(".empty", panel).hidden = body.children.length > 0;
  $(".scroll", panel).hidden = body.children.length === 0;
}

const cell = (content, props = {}) => el("td", props, content ?? "");
const button = (words, onclick) => el("button", { type: "button", class: "small", onclick }, words);
const pathOf = (url) => {
  const { pathname } = new URL(url, location.href);
  return pathname.length > 44 ? `${pathname.slice(0, 43)}…` : pathname;
};

function callRow(call) {
  return el("tr", {},
    cell(timeOf(call.created_at), { class: "nowrap" }), cell(call.from, { class: "nowrap" }), cell(call.to, { class: "nowrap" }),
    cell(call.direction), cell(call.status), cell([call.where, call.queue, call.on_hold && "on hold", call.muted && "muted"].filter(Boolean).join(", ")),
    cell(call.hears.length || ""),
    cell(call.ended_at ? "" : button("End", () => ask("POST", `/calls/${call.sid}/hangup`, {}))));
}

function deviceRow(device) {
  const act = (action) => () => ask("POST", `/devices/${encodeURIComponent(device.identity)}/${action}`, {});
  const rings = device.calls.some((call) => call.state === "ringing");
  const actions = el("span", { class: "buttons" });
  if (rings) actions.append(button("Answer", act("answer")), button("Reject", act("reject")));
  if (device.calls.length && !rings) actions.append(button("Hang up", act("hangup")));
  return el("tr", {},
    cell(device.identity), cell(device.registered ? "yes" : "no"), cell(String(device.registrations)),
    cell(device.calls.map((call) => `${call.state} ${call.from}`).join(", ")), cell(actions));
}

function phoneRow([number, phone], reload) {
  const forget = async () => {
    await ask("DELETE", `/phones/${encodeURIComponent(number)}`);
    reload();
  };
  return el("tr", {}, cell(number), cell(phone.answer), cell(`${phone.after_s} s`),
    cell(phone.script.length ? el("code", {}, JSON.stringify(phone.script)) : ""), cell(button("Forget", forget)));
}

function journalRow(entry) {
  const isBad = entry.error || entry.status >= 400;
  const details = el("details", {}, el("summary", {}, `${Object.keys(entry.params).length} parameters`),
    el("pre", {}, Object.entries(entry.params).map(([name, value]) => `${name} = ${value}`).join("\n")),
    entry.answer || entry.error ? el("pre", {}, entry.error ?? entry.answer) : null);
  return el("tr", {}, cell(timeOf(entry.at), { class: "nowrap" }), cell(entry.kind), cell(pathOf(entry.url), { title: entry.url }),
    cell(entry.status ? String(entry.status) : "none", { "data-tone": isBad ? "bad" : null }), cell(entry.ms === null ? "" : String(Math.round(entry.ms))),
    cell(String(entry.attempt)), cell(details));
}

function ledgerRow(entry) {
  const { id, at, kind, call, ...facts } = entry;
  return el("tr", {}, cell(timeOf(at), { class: "nowrap" }), cell(kind, { class: "nowrap" }), cell(call ? `${call.slice(0, 8)}…` : "", { title: call }),
    cell(Object.entries(facts).map(([name, value]) => `${name}: ${typeof value === "object" ? JSON.stringify(value) : value}`).join(" · ")));
}

// A book that only grows: new entries go on top.
function follow(path, body, row) {
  let last = 0;
  return async () => {
    const book = await ask("GET", `/${path}?after=${last}`);
    for (const entry of book?.entries ?? []) {
      last = entry.id;
      body.prepend(row(entry));
    }
    while (body.children.length > ROWS_KEPT) body.lastChild.remove();
    showEmpty(body);
  };
}

function setUpFaults() {
  const form = $("#fault-form");
  const IN_CALLBACKS = ["late_s", "duplicate_rate", "lost_rate"];
  const show = (told) => {
    const values = { ...told, ...told?.callbacks };
    for (const input of form.elements) {
      if (input.type === "checkbox") input.checked = Boolean(values[input.name]);
      else if (input.name) input.value = typeof values[input.name] === "number" ? values[input.name] : "";
    }
    $("#fault-state").textContent = told && Object.keys(told).length ? `Switched on: ${JSON.stringify(told)}` : "All faults are off.";
  };
  const put = async (told) => {
    if (await ask("PUT", "/faults", told)) show(told);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const told = {};
    const callbacks = {};
    for (const [name, value] of new FormData(form)) {
      if (name === "reorder") callbacks.reorder = true;
      else if (Number(value)) (IN_CALLBACKS.includes(name) ? callbacks : told)[name] = Number(value);
    }
    put(Object.keys(callbacks).length ? { ...told, callbacks } : told);
  });
  $("#faults-off").addEventListener("click", () => put({}));
  return async () => show(await ask("GET", "/faults"));
}

function setUpPhones() {
  const load = async () => {
    const phones = await ask("GET", "/phones");
    if (phones) fill($("#phone-rows"), Object.entries(phones).map((row) => phoneRow(row, load)));
  };
  $("#phone-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const { number, answer, after_s } = Object.fromEntries(new FormData(event.target));
    if (await ask("PUT", `/phones/${encodeURIComponent(number)}`, { answer, after_s: Number(after_s) })) load();
  });
  return load;
}

function setUpTabs(load) {
  const tabs = [...document.querySelectorAll("[role=tab]")];
  const choose = (tab, focus) => {
    for (const each of tabs) {
      const isChosen = each === tab;
      each.setAttribute("aria-selected", String(isChosen));
      each.tabIndex = isChosen ? 0 : -1;
      $(`#${each.getAttribute("aria-controls")}`).hidden = !isChosen;
    }
    if (focus) tab.focus();
    history.replaceState(null, "", `#${tab.getAttribute("aria-controls")}`);
    load[tab.getAttribute("aria-controls")]?.();
  };
  tabs.forEach((tab, index) => {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) choose(tabs[(index + step + tabs.length) % tabs.length], true);
    });
  });
  const wanted = tabs.find((tab) => `#${tab.getAttribute("aria-controls")}` === location.hash);
  if (wanted) choose(wanted);
}

export function setUpConsole(watch) {
  const calls = () => {
    if ($("#calls").hidden) return;
    const rows = [...watch.calls.values()].sort((a, b) => b.created_at.localeCompare(a.created_at));
    fill($("#call-rows"), rows.map(callRow));
  };
  const devices = () => fill($("#device-rows"), watch.devices.map(deviceRow));
  const load = {
    calls, devices, phones: setUpPhones(), faults: setUpFaults(),
    journal: follow("journal", $("#journal-rows"), journalRow), ledger: follow("ledger", $("#ledger-rows"), ledgerRow),
  };
  watch.addEventListener("call", calls);
  watch.addEventListener("devices", devices);
  setUpTabs(load);
  setInterval(() => {
    for (const name of ["journal", "ledger"]) if (!$(`#${name}`).hidden && !document.hidden) load[name]();
  }, 2000);
}
