// The ring tone, made here, and the page's title, which rings where the sound is off.

import { $, toast } from "../lib/dom.js";
import { choice, play, toSpeaker } from "../lib/phone/choices.js";

const BY_ITSELF_MS = 2000;

export function setUpRing(desk) {
  const title = document.title;
  const button = $("#tone");
  let sound = null;
  let timer = null;
  let isSilent = localStorage.getItem("ring") === "off";

  // Browsers let a page sound only after somebody has touched it.
  const wake = () => {
    sound ??= new AudioContext();
    if (sound.state === "suspended") sound.resume();
  };
  addEventListener("pointerdown", wake);
  addEventListener("keydown", wake);

  function burst() {
    if (isSilent || sound?.state !== "running") return;
    toSpeaker(sound);
    play(sound);
  }

  function start() {
    if (timer) return;
    burst();
    timer = setInterval(() => {
      burst();
      document.title = document.title === title ? "☎ Ringing" : title;
    }, 2000);
    document.title = "☎ Ringing";
    if (!isSilent && sound?.state !== "running") toast("A call rings. Click anywhere on the page to let it sound.");
  }

  function stop() {
    clearInterval(timer);
    timer = null;
    document.title = title;
  }

  function showSilence() {
    button.setAttribute("aria-pressed", String(isSilent));
    $("use", button).setAttribute("href", `${document.body.dataset.icons}#${isSilent ? "bell-off" : "bell"}`);
  }
  button.addEventListener("click", () => {
    isSilent = !isSilent;
    localStorage.setItem("ring", isSilent ? "off" : "on");
    showSilence();
  });
  showSilence();

  // Answers by itself where that was chosen; the tab with the telephone does it, once for each call.
  let answered = null;
  function answerByItself() {
    const { phone } = desk;
    const sid = phone?.leads && choice("auto-answer") === "on" ? phone.ringing?.sid : null;
    if (!sid || sid === answered) return;
    answered = sid;
    setTimeout(() => phone.ringing?.sid === sid && phone.answer(), BY_ITSELF_MS);
  }

  return () => {
    answerByItself();
    const rings = desk.phone?.ringing || (desk.state.offer && !desk.state.call && !desk.phone?.active);
    if (rings) start();
    else stop();
  };
}
