// Twilio's Voice SDK (static/vendor/twilio-voice.js, built from static/vendor/src) behind the driver's face.

import { Device } from "../../vendor/twilio-voice.js";
import { choice } from "./choices.js";
import { Driver } from "./driver.js";

const WORDS = {
  31401: "The browser may not use your microphone. Allow it beside the address, then reload the page.",
  31402: "The microphone does not work. Check that it is plugged in and not in use elsewhere.",
  31005: "The line to the carrier broke. Trying again…",
  31009: "The line to the carrier broke. Trying again…",
  53000: "The carrier cannot be reached. Check your connection.",
  20104: "The telephone's sign-in ran out. It is being renewed.",
  31205: "The telephone's sign-in ran out. It is being renewed.",
};
// What the SDK notices itself; how the line sounds is measured, sent on and judged by the server.
const TROUBLE = {
  "constant-audio-input-level": "Your microphone gives no sound. See whether it is muted or unplugged.",
  "low-bytes-received": "Nothing is heard from the other side. See whether your connection holds.",
  "low-bytes-sent": "You are not heard. See whether your connection holds.",
  "ice-connectivity-lost": "The connection of this call is breaking off.",
};
const EXPIRED = new Set([20104, 31205]);

const wordsOf = (error) => WORDS[error?.code] ?? `The telephone reports: ${error?.message ?? "something unknown"}.`;

export class TwilioPhone extends Driver {
  #device = null; #ringing = null; #active = null;

  async start() {
    try {
      if (!(await this.#mayListen())) return;
      const { token } = await this.fetchToken();
      this.#device = new Device(token, {
        codecPreferences: ["opus", "pcmu"],
        tokenRefreshMs: 60000,
        allowIncomingWhileBusy: false,
        // The desk rings with its own tone, and nothing is fetched from outside.
        disableAudioContextSounds: true,
      });
      this.#device.audio?.incoming(false);
      await this.#useDevices();
      this.#listen(this.#device);
      await this.#device.register();
    } catch (error) {
      this.set({ ready: false, reason: error.code ? wordsOf(error) : error.message });
      setTimeout(() => this.renew(), 8000);
    }
  }

  stop() {
    this.#device?.destroy();
    this.#device = null;
    this.set({ ready: false, reason: "The telephone is off.", ringing: null, active: null });
  }

  async renew() {
    if (this.#active) return;
    this.#device?.destroy();
    this.#device = null;
    this.set({ ready: false, reason: "The telephone is registering again…", ringing: null });
    await this.start();
  }

  answer() {
    this.#ringing?.accept();
  }

  decline() {
    this.#ringing?.reject();
  }

  hangUp() {
    this.#active?.disconnect();
  }

  mute(on) {
    this.#active?.mute(on);
    this.set({ muted: on });
  }

  digits(text) {
    this.#active?.sendDigits(text);
  }

  async connect(params) {
    if (!this.ready) throw new Error("The telephone is not connected. Wait until it is ready.");
    this.#take(await this.#device.connect({ params }));
  }

  // The devices chosen on the page "Sound and devices"; one that is unplugged leaves the system's choice.
  async #useDevices() {
    const [microphone, speaker] = [choice("microphone"), choice("speaker")];
    try {
      if (microphone) await this.#device.audio?.setInputDevice(microphone);
      if (speaker) await this.#device.audio?.speakerDevices.set(speaker);
    } catch {
      this.fail("The chosen microphone or loudspeaker is not there. The system's own are used.");
    }
  }

  // Asked for before a call comes, so that answering never waits for the browser's question.
  async #mayListen() {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      stream.getTracks().forEach((track) => track.stop());
      await this.#watchPermission();
      return true;
    } catch {
      this.set({ ready: false, reason: WORDS[31401] });
      return false;
    }
  }

  // Taken away later, a permission makes no sound: the page would ring and nobody be heard.
  async #watchPermission() {
    const permission = await navigator.permissions?.query({ name: "microphone" }).catch(() => null);
    if (!permission) return;
    permission.onchange = () => {
      if (permission.state === "denied") this.set({ ready: false, reason: WORDS[31401] });
      else if (!this.ready) this.renew();
    };
  }

  #listen(device) {
    device.on("registered", () => this.set({ ready: true, reason: "" }));
    device.on("unregistered", () => this.set({ ready: false, reason: "The telephone is not connected to the carrier." }));
    device.on("tokenWillExpire", () => this.#refresh());
    device.on("error", (error) => {
      if (EXPIRED.has(error.code)) this.#refresh();
      this.fail(wordsOf(error));
    });
    device.on("incoming", (call) => this.#ring(call));
  }

  async #refresh() {
    try {
      const { token } = await this.fetchToken();
      this.#device?.updateToken(token);
    } catch (error) {
      this.fail(error.message);
    }
  }

  #ring(call) {
    this.#ringing = call;
    const params = Object.fromEntries(call.customParameters);
    this.set({ ringing: { sid: call.parameters.CallSid, params, from: call.parameters.From } });
    const over = () => {
      if (this.#ringing !== call) return;
      this.#ringing = null;
      this.set({ ringing: null });
    };
    call.on("cancel", over);
    call.on("reject", over);
    call.on("disconnect", over);
    call.on("accept", () => {
      over();
      this.#take(call, params);
    });
  }

  #take(call, params = {}) {
    if (this.#active === call) return;
    this.#active = call;
    this.set({ active: { sid: call.parameters.CallSid, params }, muted: false });
    call.on("accept", () => this.set({ active: { sid: call.parameters.CallSid, params } }));
    call.on("disconnect", () => {
      if (this.#active !== call) return;
      this.#active = null;
      this.set({ active: null, muted: false });
    });
    call.on("sample", ({ jitter, rtt, packetsLostFraction, mos }) => this.dispatchEvent(
      new CustomEvent("sample", { detail: { jitter, rtt, loss: Math.min(100, packetsLostFraction ?? 0), mos } }),
    ));
    call.on("warning", (name) => TROUBLE[name] && this.fail(TROUBLE[name]));
    call.on("error", (error) => this.fail(wordsOf(error)));
  }
}
