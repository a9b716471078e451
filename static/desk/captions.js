// Speech as text, where the telephone has no sound: what the other end says, and a line to answer.

import { $, el, text } from "../lib/dom.js";
import { listener } from "./listener.js";

export function setUpCaptions(desk) {
  const said = $("#said");
  let of = null; // the call whose words are shown
  let listensTo = null;

  function add(words, mine) {
    said.append(el("li", { "data-mine": mine }, words));
    said.scrollTop = said.scrollHeight;
  }

  $("#say").addEventListener("submit", (event) => {
    event.preventDefault();
    const words = $("#say-words").value.trim();
    if (!words || !desk.phone?.active) return;
    desk.phone.say(words);
    add(words, true);
    $("#say-words").value = "";
  });

  return () => {
    const { phone } = desk;
    if (phone && phone !== listensTo) {
      listensTo = phone;
      phone.addEventListener("heard", ({ detail }) => add(detail, false));
    }
    const sid = phone?.active?.sid ?? null;
    if (sid !== of) said.replaceChildren();
    of = sid;
    const who = listener(desk.state.call);
    text($("#captions-title"), `In writing; what you write is read aloud to ${who}`);
    text($("label", $("#say")), `Say something to ${who}`);
    $("#say-words").placeholder = `Say something to ${who}…`;
    $("#captions").hidden = !(phone?.speaksText && sid && desk.state.call);
  };
}
