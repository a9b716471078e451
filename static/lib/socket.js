// A websocket that comes back by itself. The server only pushes; what we send is an answer to its beat.

const QUIET_LIMIT = 8000; // the server speaks every 2.5 seconds; silence means that the line is dead
const LOOK_EVERY = 1000;
const CLOSED_FOR_GOOD = { 4401: "signed-out", 4403: "forbidden", 4408: "misused" };

// Large frames come packed once for everybody (raw deflate).
async function unpacked(data) {
  if (typeof data === "string") return data;
  const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Response(stream).text();
}

export class LiveSocket extends EventTarget {
  #path; #socket = null; #tries = 0; #timer = null; #lastHeard = 0; #lastLook = Date.now(); #stopped = false;

  constructor(path) {
    super();
    this.#path = path;
    // A laptop that wakes up, or a network that returns, need not wait for the next try.
    addEventListener("online", () => this.reconnect());
    document.addEventListener("visibilitychange", () => document.hidden || this.#watch());
    setInterval(() => this.#watch(), LOOK_EVERY);
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  open() {
    clearTimeout(this.#timer);
    const socket = new WebSocket(new URL(this.#path, location.href.replace(/^http/, "ws")));
    socket.binaryType = "arraybuffer";
    let turn = Promise.resolve(); // frames are told in the order in which they came, packed or not
    this.#socket = socket;
    this.#lastHeard = Date.now();
    socket.onopen = () => {
      this.#lastHeard = Date.now();
      this.#tell("state", "open");
    };
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket) return;
      this.#lastHeard = Date.now();
      this.#tries = 0;
      const frame = unpacked(data);
      turn = turn.then(async () => {
        const text = await frame;
        if (socket === this.#socket) this.#tell("frame", JSON.parse(text));
      }).catch(() => socket === this.#socket && this.reconnect());
    };
    socket.onclose = ({ code }) => socket === this.#socket && this.#closed(code);
  }

  send(message) {
    if (this.isOpen) this.#socket.send(JSON.stringify(message));
  }

  // Throw the line away and get a new one, with a fresh snapshot.
  reconnect() {
    if (this.#stopped) return;
    const old = this.#socket;
    this.#socket = null;
    old?.close();
    this.#tell("state", "lost");
    this.open();
  }

  #closed(code) {
    const reason = CLOSED_FOR_GOOD[code];
    if (reason) {
      this.#stopped = true;
      this.#tell("state", reason);
      return;
    }
    this.#tell("state", "lost");
    const pause = Math.min(500 * 2 ** this.#tries++, 8000) * (0.7 + Math.random() * 0.6);
    this.#timer = setTimeout(() => this.open(), pause);
  }

  #watch() {
    // A page that could not look for so long was asleep, and its line with it: the server may have given it up.
    const slept = Date.now() - this.#lastLook > QUIET_LIMIT && !document.hidden;
    this.#lastLook = Date.now();
    if (slept && this.#socket) return void this.reconnect();
    if (!this.#stopped && this.#socket && Date.now() - this.#lastHeard > QUIET_LIMIT) this.reconnect();
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

export const LINE_WORDS = {
  open: "Live",
  lost: "Connection lost. Trying again…",
  "signed-out": "You are signed out. Sign in again.",
  forbidden: "Your role does not allow this page.",
  misused: "The server closed this page's line. Reload the page.",
};
