// A device of the sandbox carrier: JSON over one websocket, the sound of a call over another (sandbox/sound.js).

import { SoundLine } from "../../sandbox/sound.js";
import { Driver } from "./driver.js";

const SAMPLES_PER_MS = 8;

export class SandboxPhone extends Driver {
  speaksText = true;
  #socket = null; #measured = { at: 0, missing: 0 }; #asked = 0; #roundTrip = 0; #tries = 0; #stopped = false; #beat = null; #timer = null; #lastHeard = 0; #soundAsked = null;

  constructor(fetchToken) {
    super(fetchToken);
    this.line = new SoundLine((sid) => this.#askForSound(sid));
    this.line.addEventListener("change", () => this.dispatchEvent(new Event("change")));
    addEventListener("pointerdown", () => this.line.isAsleep && this.line.wake());
    addEventListener("keydown", () => this.line.isAsleep && this.line.wake());
  }

  async start() {
    if (this.line.microphone === "unknown") this.line.askForMicrophone();
    this.#stopped = false;
    clearTimeout(this.#timer);
    let grant;
    try {
      grant = await this.fetchToken();
    } catch (error) {
      this.set({ ready: false, reason: error.message });
      return this.#again();
    }
    const socket = new WebSocket(grant.url);
    this.#socket = socket;
    socket.onopen = () => this.#send({ type: "register", token: grant.token });
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket) return;
      this.#lastHeard = Date.now();
      this.#hear(JSON.parse(data));
    };
    socket.onclose = () => {
      if (socket !== this.#socket) return;
      this.#drop("The telephone line to the carrier is down. Trying again…");
      this.#again();
    };
    clearInterval(this.#beat);
    this.#lastHeard = Date.now();
    let beats = 0;
    this.#beat = setInterval(() => {
      this.#sample();
      if (beats++ % (this.active ? 1 : 5) === 0) this.#ping();
      if (Date.now() - this.#lastHeard > 150000) socket.close();
    }, 1000);
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearInterval(this.#beat);
    this.#socket?.close();
    this.#drop("The telephone is off.");
  }

  // Register anew, for when the carrier could not ring us although we thought so.
  renew() {
    const old = this.#socket;
    this.#socket = null;
    old?.close();
    this.#drop("The telephone is registering again…");
    return this.start();
  }

  answer() {
    this.line.wake();
    this.#about("accept", this.ringing);
  }

  decline() {
    this.#about("reject", this.ringing);
    this.set({ ringing: null });
  }

  hangUp() {
    this.#about("hangup", this.active);
  }

  mute(on) {
    this.line.mute(on);
    this.#about("mute", this.active, { muted: on });
    this.set({ muted: on });
  }

  digits(text) {
    this.#about("digits", this.active, { digits: text });
  }

  say(text) {
    this.#about("say", this.active, { text });
  }

  connect(params) {
    if (!this.ready) throw new Error("The telephone is not connected. Wait until it is ready.");
    this.line.wake();
    this.#send({ type: "connect", ref: crypto.randomUUID(), params });
  }

  #send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #ping() {
    this.#asked = performance.now();
    this.#send({ type: "ping" });
  }

  // How the line was since the last look: what did not come in time to be heard is lost.
  #sample() {
    const before = this.#measured;
    const { missing = 0 } = this.line.stats;
    this.#measured = { at: performance.now(), missing };
    const due = (this.#measured.at - before.at) * SAMPLES_PER_MS;
    if (!this.active || !this.line.isOpen || missing < before.missing) return;
    const loss = Math.min(100, (100 * (missing - before.missing)) / due);
    this.dispatchEvent(new CustomEvent("sample", { detail: { jitter: this.line.jitter, rtt: this.#roundTrip, loss } }));
  }

  #about(type, call, more = {}) {
    if (call) this.#send({ type, callSid: call.sid, ...more });
  }

  #askForSound(sid) {
    this.#send({ type: "sound", callSid: sid });
    return new Promise((resolve) => { this.#soundAsked = { sid, resolve }; });
  }

  #join(sid, isMuted) {
    this.line.mute(isMuted);
    this.line.join(sid);
  }

  #drop(reason) {
    this.line.leave();
    this.set({ ready: false, reason, ringing: null, active: null, muted: false });
  }

  #again() {
    if (this.#stopped) return;
    // Soon at first: a line that is back within three seconds keeps its conversation.
    this.#timer = setTimeout(() => this.start(), Math.min(400 * 2 ** this.#tries++, 8000));
  }

  #hear(message) {
    const sid = message.callSid;
    switch (message.type) {
      case "pong":
        this.#roundTrip = performance.now() - this.#asked;
        return undefined;
      case "registered":
        this.#tries = 0;
        return this.set({ ready: true, reason: "" });
      case "unregistered":
        return this.set({ ready: false, reason: message.reason || "The telephone was signed off elsewhere." });
      case "incoming":
        return this.set({ ringing: { sid, params: message.params ?? {}, from: message.from } });
      case "cancel":
        return this.ringing?.sid === sid && this.set({ ringing: null });
      case "connecting":
        return this.set({ active: { sid, params: {} } });
      case "accepted": {
        const call = this.ringing?.sid === sid ? this.ringing : (this.active ?? { sid, params: {} });
        this.#join(sid, false);
        return this.set({ active: { ...call, sid }, ringing: this.ringing?.sid === sid ? null : this.ringing });
      }
      case "resumed": {
        const [call] = message.calls ?? [];
        if (!call) return undefined;
        this.#join(call.callSid, call.muted);
        return this.set({ active: { sid: call.callSid, params: call.params ?? {} }, muted: call.muted });
      }
      case "sound":
        if (this.#soundAsked?.sid === sid) this.#soundAsked.resolve(message);
        return undefined;
      case "disconnect":
        if (this.active?.sid === sid) {
          this.line.leave();
          this.set({ active: null, muted: false });
        }
        if (this.ringing?.sid === sid) this.set({ ringing: null });
        return undefined;
      case "heard":
        if (message.verb === "Speech") this.dispatchEvent(new CustomEvent("heard", { detail: message.text }));
        return undefined;
      case "error":
        return this.fail(message.message || "The carrier refused.");
      default:
        return undefined;
    }
  }
}
