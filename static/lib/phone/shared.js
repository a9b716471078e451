// One telephone for all tabs of one browser. The tab that holds the lock is the leader and has the real one; the others
// show its state and send it what is pressed. When the leader goes, the next tab in line takes over, and with it the call.

import { Driver } from "./driver.js";

const SHOWN = ["ready", "reason", "ringing", "active", "muted", "speaksText"];
const ACTS = ["answer", "decline", "hangUp", "mute", "digits", "say", "renew"];
const ANSWER_MS = 8000;

export class SharedPhone extends Driver {
  // `name` is the operator's; `make` makes the real telephone, in the leading tab only.
  constructor(name, make) {
    super(null);
    this.leads = false;
    this.reason = "The telephone is in another tab of yours.";
    this.make = make;
    this.name = `phone:${name}`;
    this.phone = null;
    this.waiting = new Map();
    this.channel = new BroadcastChannel(this.name);
    this.channel.onmessage = ({ data }) => this.#hear(data);
    for (const act of ACTS) this[act] = (...args) => this.#do(act, args);
  }

  async start() {
    this.channel.postMessage({ type: "who" });
    if (!navigator.locks) return this.#lead();
    // Held until this tab is gone: the browser itself then gives it to the next one.
    navigator.locks.request(this.name, () => {
      this.#lead();
      return new Promise(() => {});
    });
    return undefined;
  }

  connect(params) {
    if (this.leads) return this.phone.connect(params);
    const ref = crypto.randomUUID();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#settle(ref, "Your other tab does not answer. Close it, then call again."), ANSWER_MS);
      this.waiting.set(ref, { resolve, reject, timer });
      this.channel.postMessage({ type: "connect", ref, params });
    });
  }

  async #lead() {
    this.leads = true;
    this.set({ reason: "The telephone is starting…" });
    try {
      this.phone = await this.make();
    } catch (error) {
      this.set({ ready: false, reason: `${error.message} Trying again…` });
      setTimeout(() => this.#lead(), 5000);
      return;
    }
    this.phone.addEventListener("change", () => this.#show());
    for (const type of ["problem", "heard", "sample"]) {
      this.phone.addEventListener(type, ({ detail }) => {
        this.#tell(type, detail);
        if (type !== "sample") this.channel.postMessage({ type: "event", name: type, detail });
      });
    }
    await this.phone.start();
    this.#show();
  }

  #show() {
    const state = Object.fromEntries(SHOWN.map((name) => [name, this.phone[name]]));
    this.set({ ...state, line: this.phone.line });
    this.channel.postMessage({ type: "state", state });
  }

  #do(act, args) {
    if (this.leads) return this.phone?.[act]?.(...args);
    return this.channel.postMessage({ type: "act", act, args });
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #settle(ref, failure) {
    const asked = this.waiting.get(ref);
    if (!asked) return;
    this.waiting.delete(ref);
    clearTimeout(asked.timer);
    if (failure) asked.reject(new Error(failure));
    else asked.resolve();
  }

  async #hear(message) {
    if (this.leads) {
      if (message.type === "who" && this.phone) this.#show();
      if (message.type === "act" && ACTS.includes(message.act)) this.phone?.[message.act]?.(...message.args);
      if (message.type === "connect") {
        let failure = "";
        try {
          await this.phone.connect(message.params);
        } catch (error) {
          failure = error.message;
        }
        this.channel.postMessage({ type: "connected", ref: message.ref, failure });
      }
      return;
    }
    if (message.type === "state") this.set(message.state);
    if (message.type === "event") this.#tell(message.name, message.detail);
    if (message.type === "connected") this.#settle(message.ref, message.failure);
  }
}
