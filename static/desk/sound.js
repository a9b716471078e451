// Meters of the call's sound in both directions, and words where the microphone or the line does not do its part.

import { $, text } from "../lib/dom.js";
import { listener } from "./listener.js";

export function setUpSound(desk) {
  let listensTo = null;

  const showLevels = ({ detail }) => {
    $("#level-said").value = detail.said;
    $("#level-heard").value = detail.heard;
  };

  return () => {
    const line = desk.phone?.line ?? null;
    if (line && line !== listensTo) {
      listensTo = line;
      line.addEventListener("level", showLevels);
    }
    const isHere = Boolean(line && desk.phone.active);
    $("#levels").hidden = !(isHere && line.isOpen);
    const who = listener(desk.state.call).replace(/^the /, "");
    text($("#level-who"), who[0].toUpperCase() + who.slice(1));
    const trouble = line?.isAsleep ? "Click anywhere to hear the call." : line?.words;
    const words = isHere ? [trouble, line.microphoneWords].filter(Boolean).join(" ") : "";
    text($("#sound"), words);
    $("#sound").hidden = !words;
    $("#sound").dataset.tone = line?.state === "lost" ? "bad" : "wait";
  };
}
