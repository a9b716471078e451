// The browser's telephone. Two drivers behind one face; which one, says the token that the server gives.
//
// A driver is an EventTarget with:
//   ready, reason   whether it could ring at this moment, and why not, in words
//   ringing, active null, or {sid, params}; at most one of each
//   muted           whether our microphone is off
//   speaksText      whether speech is text here: say(text), and "heard" events with a text as detail
//   line            where the sound has a line of its own (the sandbox's SoundLine): its state, microphone and levels
//   start() stop() renew() answer() decline() hangUp() mute(on) digits(text) connect(params)
// In a call it measures once a second: "sample" with {jitter, rtt (ms), loss (%), mos where it reckons one}.
// It tells of itself by "change" and, when something failed, by "problem" with a sentence as detail.

export class Driver extends EventTarget {
  ready = false;
  reason = "The telephone is starting…";
  ringing = null;
  active = null;
  muted = false;
  speaksText = false;
  line = null;

  // `fetchToken` gives {token, identity, expires_at, url} afresh each time.
  constructor(fetchToken) {
    super();
    this.fetchToken = fetchToken;
  }

  set(changes) {
    Object.assign(this, changes);
    this.dispatchEvent(new Event("change"));
  }

  fail(sentence) {
    this.dispatchEvent(new CustomEvent("problem", { detail: sentence }));
  }
}

const DRIVERS = {
  sandbox: () => import("./sandbox.js").then((module) => module.SandboxPhone),
  twilio: () => import("./twilio.js").then((module) => module.TwilioPhone),
};

export async function makePhone(fetchToken) {
  const first = await fetchToken();
  const load = DRIVERS[first.driver];
  if (!load) throw new Error(`This page knows no telephone called “${first.driver}”. Reload it.`);
  const Phone = await load();
  // The first token is used once; later ones are asked for when they are needed.
  let unused = first;
  return new Phone(async () => {
    const token = unused ?? (await fetchToken());
    unused = null;
    return token;
  });
}
