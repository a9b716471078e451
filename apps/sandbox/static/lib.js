// What the booth and the console share: the control API, the watch socket, small helpers for the page.

export const $ = (selector, root = document) => root.querySelector(selector);

export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export function complain(sentence) {
  const box = el("p", {}, sentence);
  $("#toasts").append(box);
  setTimeout(() => box.remove(), 8000);
}

// Ask the control API. A refusal is shown and gives null.
export async function ask(method, path, body) {
  try {
    const reply = await fetch(`/sandbox${path}`, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const data = await reply.json();
    if (reply.ok) return data;
    complain(data.error ?? `The sandbox refused (${reply.status}).`);
  } catch {
    complain("The sandbox does not answer. Is it running?");
  }
  return null;
}

// The sandbox's clock, which may stand still or be ahead of ours.
let offset = 0;
let frozenAt = null;

export async function syncClock() {
  const clock = await ask("GET", "/clock");
  if (!clock) return;
  offset = Date.parse(clock.now) - Date.now();
  frozenAt = clock.mode === "manual" ? Date.parse(clock.now) : null;
}
export const now = () => frozenAt ?? Date.now() + offset;

export function duration(from, to = now()) {
  const seconds = Math.max(0, Math.floor((to - Date.parse(from)) / 1000));
  const two = (value) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

const clockFace = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
export const timeOf = (iso) => clockFace.format(new Date(iso));

// What the sandbox pushes: each call that changed, and the devices.
export class Watch extends EventTarget {
  calls = new Map();
  devices = [];
  #tries = 0;

  open() {
    const socket = new WebSocket(new URL("/sandbox/watch", location.href.replace(/^http/, "ws")));
    socket.onopen = () => {
      this.#tries = 0;
      this.#tell("line", true);
    };
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(data);
      if (frame.type === "devices") {
        this.devices = frame.devices;
        this.#tell("devices");
      } else {
        this.calls.set(frame.sid, frame);
        if (this.calls.size > 300) this.calls.delete(this.calls.keys().next().value);
        this.#tell("call", frame);
      }
    };
    socket.onclose = () => {
      this.#tell("line", false);
      setTimeout(() => this.open(), Math.min(500 * 2 ** this.#tries++, 5000));
    };
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
