// The ring tone, made here, and the page's title, which rings where the sound is off.

import { $, toast } from "../lib/dom.js";

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
    const volume = sound.createGain();
    volume.connect(sound.destination);
    const at = sound.currentTime;
    for (const begin of [0, 0.42]) {
      volume.gain.setValueAtTime(0.0001, at + begin);
      volume.gain.exponentialRampToValueAtTime(0.16, at + begin + 0.03);
      volume.gain.exponentialRampToValueAtTime(0.0001, at + begin + 0.36);
    }
    for (const pitch of [523.25, 659.25]) {
      const tone = sound.createOscillator();
      tone.frequency.value = pitch;
      tone.connect(volume);
      tone.start(at);
      tone.stop(at + 0.85);
    }
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

  return () => {
    const rings = desk.phone?.ringing || (desk.state.offer && !desk.state.call && !desk.phone?.active);
    if (rings) start();
    else stop();
  };
}
