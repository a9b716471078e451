// A websocket that comes back by itself. The server only pushes; what we send is an answer to its beat.

const QUIET_LIMIT = 15000; // the server speaks every few seconds; silence means that the line is dead
const CLOSED_FOR_GOOD = { 4401: "signed-out", 4403: "forbidden", 4408: "misused" };

export class LiveSocket extends EventTarget {
  #path; #socket = null; #tries = 0; #timer = null; #lastHeard = 0; #stopped = false;

  constructor(path) {
    super();
    this.#path = path;
    // A laptop that wakes up, or a network that returns, need not wait for the next try.
    addEventListener("online", () => this.reconnect());
    document.addEventListener("visibilitychange", () => document.hidden || this.#watch());
    setInterval(() => this.#watch(), 3000);
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  open() {
    clearTimeout(this.#timer);
    const socket = new WebSocket(new URL(this.#path, location.href.replace(/^http/, "ws")));
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
      this.#tell("frame", JSON.parse(data));
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
