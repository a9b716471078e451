// A prompt spoken into the microphone, on the page where its file is chosen otherwise. The server judges it as any file.
const LONGEST_SECONDS = 300;
const WORKLET = new URL("recorder.js", document.currentScript.src);

document.addEventListener("DOMContentLoaded", () => {
  const field = document.querySelector("input[type=file][name=audio]");
  if (field && navigator.mediaDevices?.getUserMedia && globalThis.AudioWorkletNode) new Booth(field);
});

class Booth {
  constructor(field) {
    this.field = field;
    this.button = made("button", { type: "button", className: "booth-button", textContent: "Record with the microphone" });
    this.state = made("span", { className: "booth-state" });
    this.state.setAttribute("role", "status");
    this.heard = made("audio", { controls: true, hidden: true });
    const box = made("div", { className: "booth" });
    box.append(this.button, this.state, this.heard);
    (field.closest(".field-audio")?.querySelector("div.grow") ?? field.parentElement).append(box);
    this.button.addEventListener("click", () => (this.stream ? this.stop() : this.start()));
    field.addEventListener("change", () => { if (!this.mine) this.heard.hidden = true; });
  }

  async start() {
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: false } });
    } catch {
      this.tell("The browser may not use the microphone: allow it for this page, then try again.");
      return;
    }
    this.pieces = [];
    this.samples = 0;
    this.context = new AudioContext();
    try {
      await this.context.audioWorklet.addModule(WORKLET);
    } catch {
      this.close();
      this.tell("Recording does not work in this browser. Record elsewhere, and upload the file.");
      return;
    }
    const ear = new AudioWorkletNode(this.context, "recorder", { numberOfOutputs: 0 });
    ear.port.onmessage = ({ data }) => this.keep(data);
    this.context.createMediaStreamSource(this.stream).connect(ear);
    this.button.textContent = "Stop";
    this.button.dataset.on = "yes";
    this.tell("0:00");
  }

  keep(piece) {
    if (!this.stream) return;
    this.pieces.push(piece);
    this.samples += piece.length;
    const seconds = this.samples / this.context.sampleRate;
    this.tell(`${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`);
    if (seconds >= LONGEST_SECONDS - 1) this.stop();
  }

  close() {
    for (const track of this.stream.getTracks()) track.stop();
    this.stream = null;
    this.context.close();
  }

  stop() {
    const rate = this.context.sampleRate;
    this.close();
    this.button.textContent = "Record again";
    delete this.button.dataset.on;
    if (!this.samples) { this.tell("Nothing was heard: is the microphone on?"); return; }
    const file = new File([wav(this.pieces, this.samples, rate)], "recording.wav", { type: "audio/wav" });
    const chosen = new DataTransfer();
    chosen.items.add(file);
    this.mine = true;
    this.field.files = chosen.files;
    this.field.dispatchEvent(new Event("change", { bubbles: true }));
    this.mine = false;
    URL.revokeObjectURL(this.heard.src);
    this.heard.src = URL.createObjectURL(file);
    this.heard.hidden = false;
    this.tell("Recorded. Listen, then save.");
  }

  tell(words) { this.state.textContent = words; }
}

const made = (name, values) => Object.assign(document.createElement(name), values);

// One channel of 16 bit; loudness is left as it is.
function wav(pieces, samples, rate) {
  const file = new DataView(new ArrayBuffer(44 + samples * 2));
  const write = (at, text) => [...text].forEach((sign, n) => file.setUint8(at + n, sign.charCodeAt(0)));
  write(0, "RIFF"); file.setUint32(4, 36 + samples * 2, true); write(8, "WAVEfmt ");
  file.setUint32(16, 16, true); file.setUint16(20, 1, true); file.setUint16(22, 1, true);
  file.setUint32(24, rate, true); file.setUint32(28, rate * 2, true); file.setUint16(32, 2, true); file.setUint16(34, 16, true);
  write(36, "data"); file.setUint32(40, samples * 2, true);
  let at = 44;
  for (const piece of pieces) {
    for (const value of piece) { file.setInt16(at, Math.max(-1, Math.min(1, value)) * 0x7fff, true); at += 2; }
  }
  return file.buffer;
}
