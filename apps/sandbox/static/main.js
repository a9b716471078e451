// The phone booth: one telephone of a customer, its keypad, and what it hears.

import { setUpConsole } from "./console.js";
import { $, Watch, ask, complain, duration, el, now, syncClock, timeOf } from "./lib.js";
import { setUpSound } from "./sound.js";
import { Ear } from "./voice.js";

const PEOPLE = [
  ["+14155550110", "A customer"],
  ["+14155550112", "An important customer"],
  ["+14155550116", "A driver"],
  ["+12125550147", "Somebody new"],
  ["+14155550119", "Somebody unwanted"],
];
const LETTERS = { 2: "ABC", 3: "DEF", 4: "GHI", 5: "JKL", 6: "MNO", 7: "PQRS", 8: "TUV", 9: "WXYZ" };
const PLACES = {
  ringing: "Ringing…",
  prompt: "Listening",
  gather: "Listening: press a key",
  queue: "Waiting in line",
  conference: "Talking",
  hold: "On hold",
  dial: "Being connected…",
  record: "After the tone, speak",
};
const VERBS = { Music: "♪ Music", Beep: "♪ Beep", Ringing: "♪ Ringing tone", Silence: "Silence", Pause: "…" };

const watch = new Watch();
const browsersEar = new Ear();
const NO_EAR = { say() {}, play() {}, music() {}, ringing() {}, beep() {}, stopMusic() {} };
const line = setUpSound({ say });
let sid = null; // the call of this booth
let lastHeard = ""; // the newest heard entry that is on the page
let lastWhy = ""; // why something did not sound, said once
let metAt = null; // since when somebody is at the other end

const call = () => watch.calls.get(sid);
const isLive = () => Boolean(call()) && !call().ended_at;

const pretty = (number) => number.replace(/^\+1(\d{3})(\d{3})(\d{4})$/, "+1 $1 $2 $3");

function me() {
  return $("#me").value === "other" ? $("#other").value.replace(/[^\d+]/g, "") : $("#me").value;
}

async function dial() {
  browsersEar.wake();
  line.wake();
  const to = $("#to").value.replace(/[^\d+]/g, "");
  const from = me();
  if (!/^\+\d{8,15}$/.test(from)) return complain("Write your own number with + and the country, like +12125550199.");
  if (!/^\+\d{3,15}$/.test(to)) return complain("Write the number that you dial with + and the country, like +14155550100.");
  const made = await ask("POST", "/calls", { from, to, sound: true });
  if (made) take(made.sid);
  return undefined;
}

// From here on the booth is in this call: one that it made, or one that came to its number.
function take(newSid) {
  sid = newSid;
  lastHeard = lastWhy = "";
  metAt = null;
  browsersEar.silence();
  $("#heard").replaceChildren();
  line.join(sid);
  show();
}

function press(digit) {
  browsersEar.wake();
  browsersEar.key(digit);
  if (isLive()) {
    browsersEar.hush();
    note("me", `Pressed ${digit}`);
    ask("POST", `/calls/${sid}/press`, { digits: digit });
  } else {
    $("#to").value += digit;
  }
}

function say(words) {
  note("me", words);
  ask("POST", `/calls/${sid}/say`, { text: words });
}

function note(kind, words, at = new Date(now()).toISOString()) {
  const isLow = $("#heard").scrollHeight - $("#heard").scrollTop - $("#heard").clientHeight < 80;
  $("#heard").append(el("li", { "data-kind": kind }, words, el("span", {}, timeOf(at))));
  $("#silence").hidden = true;
  if (isLow) $("#heard").scrollTop = $("#heard").scrollHeight;
}

// The line brings the sound where the carrier has it; what it has not, the browser's own voice makes up for.
function hear(entry) {
  const { verb, text, url, language, at, why } = entry;
  const isCarried = line.carries(entry);
  if (isCarried) browsersEar.stopMusic();
  const ear = isCarried ? NO_EAR : browsersEar;
  if (why && why !== lastWhy) note("sound", why, at);
  lastWhy = why ?? lastWhy;
  if (verb === "Pause" || verb === "Silence") return ear.stopMusic();
  if (verb === "Speech") {
    note("person", text, at);
    return ear.say(text);
  }
  if (text) {
    note(verb === "Error" ? "error" : "voice", text, at);
    return ear.say(text, language);
  }
  note("sound", VERBS[verb] ?? (url ? "♪ Music" : verb), at);
  if (verb === "Play") return ear.play(url, entry.seconds);
  if (verb === "Music") return ear.music();
  if (verb === "Ringing") return ear.ringing();
  return ear.beep();
}

// The other end of the conversation, while there is one; on hold it stays the same conversation.
function meet(mine) {
  const others = mine.hears.map((other) => watch.calls.get(other)).filter((other) => other?.answered_at);
  if (!others.length || !mine.answered_at) return;
  const met = [mine.answered_at, ...others.map((other) => other.answered_at)].sort().at(-1);
  metAt = metAt && metAt > met ? metAt : met;
}

function show() {
  const mine = call();
  const live = isLive();
  $("#handset").dataset.state = live ? "on" : "idle";
  $("#dialing").hidden = live;
  $("#dial").hidden = live;
  $("#hang-up").hidden = !live;
  $("#speak").hidden = $("#lines").hidden = !live || !mine.answered_at;
  if (!mine) return;
  const other = mine.direction === "inbound" ? mine.to : mine.from;
  $("#with").textContent = pretty(other);
  if (live) {
    meet(mine);
    $("#state").textContent = mine.on_hold ? PLACES.hold : (PLACES[mine.where] ?? mine.where);
    if (mine.where === "conference" && !mine.hears.length && !mine.on_hold) $("#state").textContent = "Being connected…";
  } else {
    $("#state").textContent = ended(mine);
  }
  // The list keeps the newest entries only, so its length says nothing.
  const prints = mine.heard.map((entry) => JSON.stringify(entry));
  mine.heard.slice(prints.lastIndexOf(lastHeard) + 1).forEach(hear);
  lastHeard = prints.at(-1) ?? "";
  if (live && mine.where === "conference" && mine.hears.length && !mine.on_hold) browsersEar.stopMusic();
  if (!live) {
    browsersEar.stopMusic();
    line.leave();
  }
  showTime();
}

function ended(mine) {
  const words = { busy: "Busy", "no-answer": "No answer", failed: "Could not be connected", canceled: "Hung up" };
  return words[mine.status] ?? "Call ended";
}

function showTime() {
  const mine = call();
  const until = mine?.ended_at ? Date.parse(mine.ended_at) : now();
  $("#clock").textContent = mine?.answered_at ? duration(mine.answered_at, until) : "";
  $("#talk").textContent = metAt ? `in conversation ${duration(metAt, until)}` : "";
}

function tick() {
  showTime();
  setTimeout(tick, 1005 - (now() % 1000));
}

watch.addEventListener("call", ({ detail: changed }) => {
  // Somebody calls the number that this booth is.
  const isForMe = changed.to === me() && changed.direction !== "inbound" && !changed.ended_at;
  if (!isLive() && isForMe && changed.sid !== sid) take(changed.sid);
  if (changed.sid === sid || call()?.hears.includes(changed.sid)) show();
});
watch.addEventListener("line", ({ detail: open }) => {
  $("#line").textContent = open ? "" : "The sandbox does not answer. Trying again…";
  $("#line").dataset.tone = open ? "" : "bad";
  if (open) {
    syncClock();
    loadNumbers();
  }
});

async function loadNumbers() {
  const rows = (await ask("GET", "/numbers")) ?? [];
  const labels = (row) => (row.friendly_name && !/^[+(\d]/.test(row.friendly_name) ? row.friendly_name : pretty(row.phone_number));
  $("#numbers").replaceChildren(...rows.map((row) => el("option", { value: row.phone_number }, labels(row))));
  $("#quick").replaceChildren(
    ...rows.slice(0, 6).map((row) =>
      el("button", { type: "button", class: "small", onclick: () => { $("#to").value = row.phone_number; } }, labels(row)),
    ),
  );
  if (!$("#to").value && rows.length) $("#to").value = rows[0].phone_number;
}

$("#me").append(
  ...PEOPLE.map(([number, words]) => el("option", { value: number }, `${words}, ${pretty(number)}`)),
  el("option", { value: "other" }, "Another number…"),
);
$("#me").addEventListener("change", () => {
  $("#other-row").hidden = $("#me").value !== "other";
  if ($("#me").value === "other") $("#other").focus();
});
for (const digit of "123456789*0#") {
  $("#pad").append(
    el("button", { type: "button", onclick: () => press(digit) }, digit, el("small", { "aria-hidden": "true" }, LETTERS[digit] ?? "")),
  );
}
$("#dial").addEventListener("click", dial);
$("#to").addEventListener("keydown", (event) => event.key === "Enter" && dial());
$("#hang-up").addEventListener("click", () => {
  browsersEar.silence();
  ask("POST", `/calls/${sid}/hangup`, {});
});
$("#aloud").checked = localStorage.getItem("aloud") !== "off";
browsersEar.isOn = $("#aloud").checked;
line.loud($("#aloud").checked);
$("#aloud").addEventListener("change", ({ target }) => {
  browsersEar.isOn = target.checked;
  line.loud(target.checked);
  localStorage.setItem("aloud", target.checked ? "on" : "off");
});
$("#speak").addEventListener("submit", (event) => {
  event.preventDefault();
  const words = $("#words").value.trim();
  if (words) say(words);
  $("#words").value = "";
});
addEventListener("keydown", (event) => {
  if (event.target.closest("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
  if ($("#booth").hidden || !/^[0-9*#]$/.test(event.key)) return;
  event.preventDefault();
  press(event.key);
});

setUpConsole(watch);
watch.open();
tick();
