// Single keys press the page's own buttons, so that a key never does what a button would not. They can be turned off.

import { $ } from "../lib/dom.js";

const BUTTONS = { a: "#answer", d: "#decline", m: "#mute", h: "#hold", k: "#keypad", t: "#transfer", l: "#leave", e: "#hang-up" };

export function setUpKeys() {
  const help = $("#help");
  const isOn = $("#keys-on");
  isOn.checked = localStorage.getItem("keys") !== "off";
  isOn.addEventListener("change", () => localStorage.setItem("keys", isOn.checked ? "on" : "off"));
  $("#keys-open").addEventListener("click", () => help.showModal());

  addEventListener("keydown", (event) => {
    if (!isOn.checked || help.open || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const press = (button) => {
      if (!button || button.disabled || !button.checkVisibility()) return;
      event.preventDefault();
      button.click();
    };
    if (event.key === "?") help.showModal();
    else if (event.key === "/") {
      event.preventDefault();
      $("#to").focus();
    } else if (/^[0-9*#]$/.test(event.key)) press($(`#pad [data-digit="${event.key}"]`));
    else press(BUTTONS[event.key.toLowerCase()] && $(BUTTONS[event.key.toLowerCase()]));
  });
}
