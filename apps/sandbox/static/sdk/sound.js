// The sound of a telephone in a page: microphone and ear of one call at a time, over the sandbox's sound engine.
//
//   const line = new SoundLine(async (sid) => ({ url } or { why }));
//   await line.askForMicrophone()   once, early: answering a call must not wait for the browser's question
//   line.wake()                     in a click: browsers let a page sound only after one
//   line.join(sid) line.leave() line.mute(on) line.loud(on)
//
// It tells of itself by "change" (state, words, microphone) and, ten times a second in a call, by "level"
// with {said, heard} from 0 to 1 as a meter shows them.

const KIT = new URL(".", import.meta.url);
const GONE = 4410; // the call is over
const TAKEN = 4409; // another page has the sound now
const QUIET = 0.0006; // rms: a live microphone in a quiet room is above
const QUIET_SECONDS = 6;
const ANSWER_MS = 4000;

// What people read when the microphone does not do its part.
const MICROPHONE_WORDS = {
  asking: "The browser asks whether this page may use your microphone. Allow it to talk.",
  denied: "The browser does not let this page use your microphone. Allow it beside the address, or write what you want to say: it is read aloud.",
  missing: "There is no microphone on this computer. Write what you want to say: it is read aloud.",
  broken: "The microphone does not work; another program may hold it. Write what you want to say: it is read aloud.",
  silent: "Your microphone gives no sound at all. See whether it is switched off or the wrong one is chosen.",
  ok: "",
};

export class SoundLine extends EventTarget {
  state = "idle"; // idle, joining, open, lost, none (no sound for this call)
  words = ""; // why it is lost or none
  microphone = "unknown"; // unknown, asking, ok, silent, denied, missing, broken
  said = 0;
  heard = 0;
  stats = {};
  jitter = 0; // milliseconds
  #address; #sid = null; #tries = 0; #timer = null; #context = null; #node = null; #wire = null;
  #stream = null; #source = null; #volume = null; #isOff = false; #isMuted = false; #quiet = 0; #building = null;

  // `address(sid)` asks the carrier where the call's sound is.
  constructor(address) {
    super();
    this.#address = address;
  }

  get microphoneWords() {
    return MICROPHONE_WORDS[this.microphone] ?? "";
  }

  // The browser lets nothing sound before somebody has touched the page.
  get isAsleep() {
    return this.#sid !== null && this.#context?.state === "suspended";
  }

  get isOpen() {
    return this.state === "open";
  }

  async askForMicrophone() {
    if (this.microphone === "ok" || this.microphone === "asking") return;
    this.#set({ microphone: "asking" });
    const stream = await this.#open();
    for (const track of stream?.getTracks() ?? []) track.stop();
  }

  wake() {
    if (!this.#context) {
      this.#context = new AudioContext({ latencyHint: "interactive" });
      this.#context.onstatechange = () => this.#set({});
    }
    if (this.#context.state === "suspended") this.#context.resume();
  }

  join(sid) {
    if (this.#sid === sid) return;
    this.leave();
    this.#sid = sid;
    this.#tries = 0;
    this.wake();
    this.#set({ state: "joining", words: "" });
    this.#dial();
    this.#listen();
  }

  leave() {
    if (this.#sid === null) return;
    this.#sid = null;
    clearTimeout(this.#timer);
    this.#wire?.postMessage({ close: true });
    this.#node?.port.postMessage({ hush: true });
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#source?.disconnect();
    this.#stream = this.#source = null;
    this.said = this.heard = 0;
    this.#set({ state: "idle", words: "" });
    this.#tellLevels();
  }

  // Whether what comes over the line is heard here.
  loud(on) {
    this.#isOff = !on;
    if (this.#volume) this.#volume.gain.value = on ? 1 : 0;
  }

  mute(on) {
    this.#isMuted = on;
    this.#node?.port.postMessage({ muted: on });
  }

  // Where the sound comes from: asked afresh each time, because an address serves once.
  async #dial() {
    const sid = this.#sid;
    clearTimeout(this.#timer);
    let told;
    try {
      await this.#build();
      const late = new Promise((done) => setTimeout(done, ANSWER_MS, { why: "The carrier does not answer." }));
      told = await Promise.race([this.#address(sid), late]);
    } catch (error) {
      told = { why: error.message };
    }
    if (sid !== this.#sid) return;
    if (told.url) this.#wire.postMessage({ url: told.url });
    else this.#again("none", told.why);
  }

  #again(state, words) {
    this.#set({ state, words });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#dial(), Math.min(300 * 2 ** this.#tries++, 5000));
  }

  #build() {
    this.#building ??= this.#assemble().catch((error) => {
      this.#building = null;
      throw new Error(`This browser cannot make the sound of a telephone (${error.message}).`);
    });
    return this.#building;
  }

  async #assemble() {
    this.wake();
    await this.#context.audioWorklet.addModule(new URL("worklet.js", KIT));
    this.#node = new AudioWorkletNode(this.#context, "telephone", { outputChannelCount: [1] });
    this.#volume = new GainNode(this.#context, { gain: this.#isOff ? 0 : 1 });
    this.#node.connect(this.#volume).connect(this.#context.destination);
    this.#node.port.onmessage = ({ data }) => this.#measure(data);
    this.#wire = new Worker(new URL("wire.js", KIT));
    this.#wire.onmessage = ({ data }) => this.#news(data);
    const { port1, port2 } = new MessageChannel();
    this.#wire.postMessage({ telephone: port1 }, [port1]);
    this.#node.port.postMessage({ line: port2, muted: this.#isMuted }, [port2]);
    this.#connect();
  }

  #news({ open, code, reason, jitter }) {
    if (this.#sid === null) return;
    if (jitter !== undefined) {
      this.jitter = jitter;
      return;
    }
    if (open) {
      this.#tries = 0;
      this.#set({ state: "open", words: "" });
    } else if (code === GONE) {
      this.#set({ state: "idle", words: "" });
    } else if (code === TAKEN) {
      this.#set({ state: "none", words: reason });
    } else {
      this.#again("lost", `The line's sound broke off${reason ? ` (${reason})` : ""}. Connecting again…`);
    }
  }

  async #listen() {
    const sid = this.#sid;
    if (this.#stream || ["denied", "missing"].includes(this.microphone)) return;
    if (this.microphone !== "ok") this.#set({ microphone: "asking" });
    const stream = await this.#open();
    if (sid !== this.#sid) {
      for (const track of stream?.getTracks() ?? []) track.stop();
      return;
    }
    this.#stream = stream;
    this.#quiet = 0;
    this.#connect();
  }

  #connect() {
    if (!this.#stream || !this.#node || this.#source) return;
    this.#source = this.#context.createMediaStreamSource(this.#stream);
    this.#source.connect(this.#node);
  }

  async #open() {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      stream.getAudioTracks()[0].onended = () => this.#set({ microphone: "missing" });
      this.#set({ microphone: "ok" });
      return stream;
    } catch (error) {
      const kind = { NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "missing" }[error.name];
      this.#set({ microphone: kind ?? "broken" });
      return null;
    }
  }

  #measure({ said, heard, ...stats }) {
    if (this.#sid === null) return;
    this.said = said;
    this.heard = heard;
    this.stats = stats;
    if (this.#stream) {
      this.#quiet = said > QUIET || this.#isMuted ? 0 : this.#quiet + 0.1;
      const is = this.#quiet > QUIET_SECONDS ? "silent" : "ok";
      if (is !== this.microphone && ["ok", "silent"].includes(this.microphone)) this.#set({ microphone: is });
    }
    this.#tellLevels();
  }

  #tellLevels() {
    this.dispatchEvent(new CustomEvent("level", { detail: { said: bar(this.said), heard: bar(this.heard) } }));
  }

  #set(changes) {
    Object.assign(this, changes);
    this.dispatchEvent(new Event("change"));
  }
}

// A level as a bar shows it: 0 at silence, 1 at the loudest, by ear and not by volts.
function bar(level) {
  return Math.max(0, Math.min(1, 1 + Math.log10(Math.max(level, 1e-6)) / 2.6));
}
