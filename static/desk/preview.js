// Preview campaigns: the desk shows a contact, counts down, and dials by itself unless the operator calls or passes on.

import * as api from "../lib/api.js";
import { moment, now, words } from "../lib/clock.js";
import { $, el, icon, toast } from "../lib/dom.js";

const ASK_EVERY_MS = 15000;

export function setUpPreview(desk) {
  const body = el("div", { class: "card-body stack" });
  const card = el("section", { class: "card", "aria-labelledby": "preview-title", hidden: "" },
    el("header", {}, el("h2", { id: "preview-title" }, "Next contact")), body);
  $(".side").prepend(card);

  let campaigns = [];
  let shown = null;
  let isGoing = false; // contact after contact, until the operator stops it
  let isDialling = null; // the contact for whom the countdown has ended: dialled once
  let drawn = "";

  const isFree = () =>
    desk.state?.me.presence === "available" && !desk.state.call && !desk.state.offer && !desk.state.wrap_up && !desk.phone?.active;

  async function look() {
    try {
      const found = await api.get("/campaign-previews/");
      campaigns = found.campaigns;
      shown = found.preview;
    } catch (error) {
      toast(`Preview campaigns cannot be read. ${error.message}`, "bad");
    }
    if (isGoing && !shown && campaigns.length && isFree()) await next();
    draw();
  }

  const next = () =>
    desk.command("preview", async () => {
      shown = await api.post("/campaign-previews/next/");
      isGoing = true;
      draw();
    });

  const call = () =>
    desk.command("preview", async () => {
      if (!desk.phone?.ready) throw new Error("The telephone is not connected. Wait until it is ready.");
      const placed = await api.post(`/campaign-previews/${shown.id}/call/`);
      shown = null;
      try {
        await desk.phone.connect({ token: placed.connect_token });
      } catch (error) {
        await api.post(`/calls/${placed.call.id}/hangup/`);
        throw error;
      }
    });

  const skip = (why) =>
    desk.command("preview", async () => {
      await api.post(`/campaign-previews/${shown.id}/skip/`, { why });
      shown = null;
      await look();
    });

  function stop() {
    isGoing = false;
    toast("No further contact is shown after this one.");
    draw();
  }

  const button = (kind, name, label, onclick) =>
    el("button", { class: `button ${kind}`, type: "button", onclick }, name ? icon(name) : "", label);

  function contact() {
    const facts = Object.entries(shown.own_fields).flatMap(([key, value]) => [
      el("dt", { class: "quiet small" }, key), el("dd", {}, value)]);
    const earlier = shown.earlier.map((row) => el("li", { class: "small quiet" },
      `${moment(row.began_at)}: ${row.outcome}${row.note ? ` – ${row.note}` : ""}`));
    const why = el("input", { name: "why", maxlength: "200", required: "", placeholder: "Skip them, because…" });
    const pass = el("form", { class: "row", onsubmit: (event) => { event.preventDefault(); skip(why.value); } },
      el("label", { class: "sr-only", for: "preview-why" }, "Why do you skip them?"), why,
      el("button", { class: "button", type: "submit" }, "Skip"));
    why.id = "preview-why";
    return [
      el("div", {},
        el("p", { class: "quiet small" }, shown.promised ? `${shown.campaign} · you promised to call` : shown.campaign),
        el("p", { class: "party-name" }, shown.name || shown.number),
        el("p", { class: "quiet" }, [shown.company, shown.number].filter(Boolean).join(" · "))),
      facts.length ? el("dl", { class: "preview-facts" }, ...facts) : "",
      earlier.length ? el("ul", { class: "stack" }, ...earlier) : "",
      el("p", { class: "note small", id: "preview-count", role: "timer" }),
      button("go", "phone", "Call now", call),
      shown.skips_left ? pass : el("p", { class: "quiet small" }, "This contact may not be passed over."),
      button("bare small", "", isGoing ? "Stop after this one" : "Go on with further ones", isGoing ? stop : () => { isGoing = true; draw(); }),
    ];
  }

  function invitation() {
    const names = campaigns.map((row) => row.name).join(", ");
    const said = isGoing && isFree() ? "Nobody is due just now; this looks again by itself." :
      isFree() ? "You see each contact before you call." : "When you are available and free, you see each contact before you call.";
    return [
      el("p", {}, el("strong", {}, names)),
      el("p", { class: "quiet small" }, said),
      isGoing ? button("", "", "Stop", stop) : button("main", "", "Show me the next contact", next),
    ];
  }

  // Drawn anew only when something else is to be seen: what is being typed must stay.
  function draw() {
    card.hidden = !(campaigns.length || shown);
    const key = JSON.stringify([shown, campaigns, isGoing, isFree()]);
    if (key !== drawn) {
      drawn = key;
      body.replaceChildren(...(shown ? contact() : invitation()).filter(Boolean));
    }
    for (const each of body.querySelectorAll("button")) {
      each.disabled = desk.busy.has("preview") || (!shown && !isGoing && !isFree());
    }
    count();
  }

  function count() {
    const place = $("#preview-count");
    if (!shown || !place) return;
    const left = Math.ceil((Date.parse(shown.due_at) - now()) / 1000);
    place.textContent = left > 0 ? `Dials by itself in ${words(left)}.` : "Dialling…";
    if (left > 0 || isDialling === shown.id || !desk.phone?.ready) return;
    isDialling = shown.id;
    call();
  }

  let wasFree = false;
  setInterval(count, 250);
  setInterval(look, ASK_EVERY_MS);
  look();

  return () => {
    // Free again after a call: the next one at once.
    if (isFree() && !wasFree && isGoing) look();
    wasFree = isFree();
    draw();
  };
}
