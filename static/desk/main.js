// The desk: the server's state comes over the socket, the telephone tells of itself, commands are posts to the API.

import * as api from "../lib/api.js";
import * as clock from "../lib/clock.js";
import { $, toast } from "../lib/dom.js";
import { makePhone } from "../lib/phone/driver.js";
import { SharedPhone } from "../lib/phone/shared.js";
import { LINE_WORDS, LiveSocket } from "../lib/socket.js";
import { change, fill } from "../lib/tables.js";
import { setUpCaptions } from "./captions.js";
import { setUpColleagues } from "./colleagues.js";
import { setUpDial } from "./dial.js";
import { setUpFigures } from "./figures.js";
import { setUpKeys } from "./keys.js";
import { setUpMessages } from "./messages.js";
import { setUpPresence } from "./presence.js";
import { setUpPreview } from "./preview.js";
import { setUpQuality } from "./quality.js";
import { setUpRing } from "./ring.js";
import { setUpSound } from "./sound.js";
import { setUpStage } from "./stage.js";

// What every part reads. `state` is the server's last word, `phone` the driver (null until it is loaded).
const desk = {
  state: null,
  waiting: {}, // callers by queue
  colleagues: null, // the client's operators by id; null until the server has told of them
  setup: { break_reasons: [], numbers: [], dispositions: [] },
  phone: null,
  line: "lost",
  // Run a command once at a time; a failure is shown as a sentence. Returns its answer, or null when it failed.
  busy: new Set(),
  async command(name, action) {
    if (desk.busy.has(name)) return null;
    desk.busy.add(name);
    render();
    try {
      return (await action()) ?? true;
    } catch (error) {
      toast(error.message, "bad");
      return null;
    } finally {
      desk.busy.delete(name);
      render();
    }
  },
};

const parts = [setUpPresence(desk), setUpStage(desk), setUpDial(desk), setUpRing(desk), setUpCaptions(desk),
  setUpColleagues(desk), setUpFigures(desk), setUpSound(desk), setUpPreview(desk), setUpQuality(desk), setUpMessages(desk)];
setUpKeys();

function render() {
  if (!desk.state) return;
  for (const part of parts) part();
  clock.tick();
}

const socket = new LiveSocket(document.body.dataset.socket);

// The proof that this page could ring now: the server asks every few seconds and believes nothing else.
function prove() {
  socket.send({ type: "ping", ready: Boolean(desk.phone?.leads && desk.phone.ready) });
}

socket.addEventListener("state", ({ detail }) => {
  desk.line = detail;
  const badge = $("#line");
  badge.textContent = LINE_WORDS[detail];
  badge.dataset.tone = detail === "open" ? "good" : "bad";
  if (detail === "open") prove();
  if (detail === "signed-out") location.reload();
  render();
});

const TAKE = {
  beat: prove,
  setup(frame) { desk.setup = frame; },
  waiting(frame) { desk.waiting = frame.queues; },
  state(frame) { desk.state = frame; },
  directory(frame) { fill({ colleagues: (desk.colleagues ??= new Map()) }, frame); },
  directory_delta(frame) { change({ colleagues: (desk.colleagues ??= new Map()) }, frame); },
  // Everything at once, after this page fell behind.
  all({ frames }) { for (const frame of frames) TAKE[frame.type](frame); },
};

socket.addEventListener("frame", ({ detail: frame }) => {
  clock.sync(frame.now);
  TAKE[frame.type](frame);
  for (const queue of desk.state?.me.queues ?? []) queue.waiting = desk.waiting[queue.id] ?? 0;
  if (frame.type !== "beat") render();
  if (frame.type === "state") heal(frame.me);
});

// The carrier could not ring us although we thought so: register anew, and prove it by going from no to yes.
let healedAt = 0;
function heal(me) {
  const believesReady = desk.phone?.leads && desk.phone.ready && !desk.phone.active;
  if (!me.unreachable || !believesReady || Date.now() - healedAt < 10000) return;
  healedAt = Date.now();
  desk.phone.renew();
}

function startPhone() {
  desk.phone = new SharedPhone(document.body.dataset.identity, () => makePhone(() => api.post("/operators/me/device-token/")));
  let wasReady = false;
  desk.phone.addEventListener("change", () => {
    if (desk.phone.ready !== wasReady) prove();
    wasReady = desk.phone.ready;
    render();
  });
  desk.phone.addEventListener("problem", ({ detail }) => toast(detail, "bad"));
  desk.phone.start();
}

addEventListener("beforeunload", (event) => {
  if (desk.phone?.leads && desk.phone.active) event.preventDefault();
});

socket.open();
startPhone();
