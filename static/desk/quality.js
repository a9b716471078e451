// How the call sounds: what the telephone measures goes to the server by ten seconds of its clock, and what the server
// finds wrong with it is said in words.

import * as api from "../lib/api.js";
import * as clock from "../lib/clock.js";
import { $, text } from "../lib/dom.js";

const SPAN = 10000;
const MOST = 100; // samples that wait for a server that is away
const GRADES = [[4, "good"], [3.5, "fair"], [0, "poor"]];

export function setUpQuality(desk) {
  let phone = null;
  let about = null; // the call that the kept samples are of
  let kept = [];
  let score = null;

  const span = (sample) => Math.floor(Date.parse(sample.at) / SPAN);

  async function send() {
    const [call, samples] = [about, kept];
    kept = [];
    if (!samples.length) return;
    try {
      const rows = await api.post(`/calls/${call}/quality/`, { samples });
      if (call === about) score = rows.at(-1)?.mos ?? score;
    } catch (error) {
      // A server that is away hears of it later; what it refused it would refuse again.
      if (error.status === 0 && call === about) kept = [...samples, ...kept].slice(-MOST);
    }
  }

  function take({ jitter, rtt, loss, mos }) {
    const call = desk.state?.call?.id ?? null;
    if (call !== about) {
      send();
      about = call;
      score = null;
    }
    if (!call || !desk.state.call.answered_at) return;
    // A carrier's telephone does not know all of it from the first second on.
    const sample = { at: new Date(clock.now()).toISOString(), jitter_ms: jitter ?? 0, round_trip_ms: rtt ?? 0, loss_percent: loss ?? 0 };
    if (mos) sample.mos = mos;
    if (kept.length && span(sample) !== span(kept.at(-1))) send();
    kept.push(sample);
  }

  return () => {
    if (desk.phone && desk.phone !== phone) {
      phone = desk.phone;
      phone.addEventListener("sample", ({ detail }) => take(detail));
    }
    const call = desk.state.call;
    if (!call && about) {
      send();
      about = null;
    }
    const isMeasured = Boolean(call && call.id === about && score !== null);
    $("#score").hidden = !isMeasured;
    if (isMeasured) text($("#score"), `Line: ${GRADES.find(([least]) => score >= least)[1]} (${score.toFixed(1)} of 5)`);
    const complaint = call?.sound ?? "";
    $("#quality").hidden = !complaint;
    text($("#quality"), complaint ? `Your line sounds bad: ${complaint}. A cable instead of Wi-Fi often helps.` : "");
  };
}
