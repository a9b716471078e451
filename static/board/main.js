// The board: a whole picture first, then what changed; tables are kept by id and drawn once a frame of the screen.

import * as clock from "../lib/clock.js";
import { $ } from "../lib/dom.js";
import { LINE_WORDS, LiveSocket } from "../lib/socket.js";
import { change, fill } from "../lib/tables.js";
import { setUpAlerts } from "./alerts.js";
import { setUpPlanning } from "./callbacks.js";
import { setUpCampaigns } from "./campaigns.js";
import { setUpEars } from "./ears.js";
import { setUpHour } from "./hour.js";
import { setUpSteering } from "./line.js";
import { setUpMessages } from "./messages.js";
import { setUpHelp, setUpManaging } from "./operators.js";
import { render } from "./tables.js";
import { setUpView } from "./view.js";

const NAMES = ["queues", "operators", "calls", "line", "callbacks", "campaigns"];
const tables = Object.fromEntries(NAMES.map((name) => [name, new Map()]));
let version = 0;
let isDrawing = false;

const steer = setUpSteering(tables);
const plan = setUpPlanning(tables);
const hear = setUpEars(tables);
const manage = setUpManaging(tables);
setUpMessages(tables);
const cry = setUpHelp(tables);
const run = setUpCampaigns(tables);
const alert = setUpAlerts(tables);
const chart = setUpHour(tables);
const offer = setUpView(tables, draw);
const socket = new LiveSocket(document.body.dataset.socket);

function draw() {
  if (isDrawing) return;
  isDrawing = true;
  // A timer and not an animation frame: a board in a hidden tab keeps its title and its truth.
  setTimeout(() => {
    isDrawing = false;
    offer();
    render(tables);
    steer();
    plan();
    hear();
    manage();
    run();
    cry();
    alert();
    chart();
    clock.tick();
  }, 16);
}

socket.addEventListener("frame", ({ detail: frame }) => {
  clock.sync(frame.now);
  if (frame.type === "snapshot") fill(tables, frame);
  else {
    // A frame is missing: begin anew rather than show half a truth.
    const expected = frame.type === "delta" ? version + 1 : version;
    if (version && frame.version !== expected) return socket.reconnect();
    if (frame.type === "delta") change(tables, frame);
  }
  if (frame.version) version = frame.version;
  $("#board").setAttribute("aria-busy", "false");
  if (frame.type !== "beat") draw();
  return undefined;
});

socket.addEventListener("state", ({ detail }) => {
  const badge = $("#line");
  badge.textContent = LINE_WORDS[detail];
  badge.dataset.tone = detail === "open" ? "good" : "bad";
  if (detail !== "open") {
    version = 0;
    $("#board").setAttribute("aria-busy", "true");
  }
  if (detail === "signed-out") location.reload();
});

socket.open();
