// Microphone, loudspeaker and ring tone, with a try of each. What is chosen here is kept in this browser.

import { $, el, text, toast } from "../lib/dom.js";
import { TONES, choice, choose, play, toSpeaker } from "../lib/phone/choices.js";

const microphone = $("#microphone");
const speaker = $("#speaker");
const meter = $("#level");
const RECORD_MS = 4000;
let sound = null;
let stream = null;
let beat = null;

async function context() {
  sound ??= new AudioContext();
  if (sound.state === "suspended") await sound.resume();
  await toSpeaker(sound);
  return sound;
}

function fill(select, devices, chosen, none) {
  select.replaceChildren(el("option", { value: "" }, none), ...devices.map((device, index) =>
    el("option", { value: device.deviceId }, device.label || `Device ${index + 1}`)));
  select.value = [...select.options].some((option) => option.value === chosen) ? chosen : "";
}

async function showDevices() {
  const found = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  const real = (kind) => found.filter((device) => device.kind === kind && device.deviceId && device.deviceId !== "default");
  fill(microphone, real("audioinput"), choice("microphone"), "As the system says");
  fill(speaker, real("audiooutput"), choice("speaker"), "As the system says");
}

function stop() {
  cancelAnimationFrame(beat);
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  meter.value = 0;
  text($("#listen"), "Try the microphone");
}

const WHY = { NotAllowedError: "The browser may not use your microphone. Allow it beside the address, then try again.", NotFoundError: "No microphone is plugged in." };

async function listen() {
  if (stream) return stop();
  try {
    const id = microphone.value;
    stream = await navigator.mediaDevices.getUserMedia({ audio: id ? { deviceId: { exact: id } } : true });
  } catch (error) {
    return text($("#microphone-says"), WHY[error.name] ?? "The microphone does not work. Is it in use elsewhere?");
  }
  text($("#listen"), "Stop");
  text($("#microphone-says"), "Speak: the bar should move.");
  await showDevices();
  const audio = await context();
  const ear = audio.createAnalyser();
  audio.createMediaStreamSource(stream).connect(ear);
  const wave = new Float32Array(ear.fftSize);
  const look = () => {
    if (!stream) return;
    ear.getFloatTimeDomainData(wave);
    const level = Math.sqrt(wave.reduce((sum, value) => sum + value * value, 0) / wave.length);
    meter.value = Math.min(1, level * 5);
    if (level > 0.02) text($("#microphone-says"), "You are heard.");
    beat = requestAnimationFrame(look);
  };
  look();
  return undefined;
}

async function echo() {
  if (!stream) await listen();
  if (!stream) return;
  const pieces = [];
  const recorder = new MediaRecorder(stream);
  recorder.ondataavailable = ({ data }) => pieces.push(data);
  recorder.onstop = async () => {
    const player = new Audio(URL.createObjectURL(new Blob(pieces, { type: recorder.mimeType })));
    await toSpeaker(player);
    text($("#echo-says"), "This is how others hear you.");
    player.onended = () => {
      URL.revokeObjectURL(player.src);
      text($("#echo-says"), "");
      $("#echo").disabled = false;
    };
    player.play().catch(() => toast("The loudspeaker does not work.", "bad"));
  };
  $("#echo").disabled = true;
  text($("#echo-says"), "Speak now…");
  recorder.start();
  setTimeout(() => recorder.stop(), RECORD_MS);
}

const tone = $("#tone");
tone.append(...Object.entries(TONES).map(([id, { name }]) => el("option", { value: id }, name)));
tone.value = choice("tone");
$("#volume").value = choice("volume");
$("#auto").checked = choice("auto-answer") === "on";

const saved = () => text($("#kept"), "Kept in this browser.");
tone.addEventListener("change", () => { choose("tone", tone.value); saved(); });
$("#volume").addEventListener("change", () => { choose("volume", $("#volume").value); saved(); });
$("#auto").addEventListener("change", () => { choose("auto-answer", $("#auto").checked ? "on" : "off"); saved(); });
speaker.addEventListener("change", () => { choose("speaker", speaker.value); saved(); });
microphone.addEventListener("change", () => {
  choose("microphone", microphone.value);
  saved();
  if (stream) { stop(); listen(); }
});
$("#ring").addEventListener("click", async () => play(await context(), tone.value, Number($("#volume").value)));
$("#listen").addEventListener("click", listen);
$("#echo").addEventListener("click", echo);
navigator.mediaDevices?.addEventListener("devicechange", showDevices);
showDevices();
