// The booth's sound: the line of its call, meters, and words where the microphone or the line does not do its part.

import { $, el } from "./lib.js";
import { SoundLine } from "./sdk/sound.js";

// Recorded by the sandbox, so that they sound on any computer.
const LINES = [
  "Good morning. I have a question about my delivery.",
  "The order number is four seven one one.",
  "Can you tell me when it will arrive?",
  "Yes, please.",
  "No, thank you.",
  "Thank you very much. Good-bye.",
];

async function address(sid) {
  const reply = await fetch(`/sandbox/calls/${sid}/sound`, { method: "POST" });
  const data = await reply.json();
  return reply.ok ? data : { why: data.error };
}

export function setUpSound({ say }) {
  const line = new SoundLine(address);

  function show() {
    const inCall = line.state !== "idle";
    $("#levels").hidden = !line.isOpen;
    const trouble = line.isAsleep ? "Click anywhere to hear the line." : line.words;
    const words = inCall ? [trouble, line.microphoneWords].filter(Boolean).join(" ") : "";
    if ($("#sound").textContent !== words) $("#sound").textContent = words;
    $("#sound").dataset.tone = line.state === "lost" ? "bad" : "";
  }
  line.addEventListener("change", show);
  line.addEventListener("level", ({ detail }) => {
    $("#level-said").value = detail.said;
    $("#level-heard").value = detail.heard;
  });
  addEventListener("pointerdown", () => line.isAsleep && line.wake());

  $("#lines").append(
    ...LINES.map((words) => el("button", { type: "button", class: "small", onclick: () => say(words) }, words)),
  );

  // Whether this entry of what was heard comes over the line.
  line.carries = ({ sounds }) => line.isOpen || (line.state === "joining" && sounds) ? sounds !== false : false;
  return line;
}
