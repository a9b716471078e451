"""How long a voice takes from one page's microphone to another page's ear, with the pages' own scripts.

Both telephones stand in one page on one AudioContext, so that one clock sees both ends; bursts of a tone go into the
first one's microphone node, and a recorder listens at both ends.
"""

from __future__ import annotations

import os
from typing import Any

import aiohttp
from aiohttp import web

from benchmarks.figures import median, percentile
from benchmarks.sound_load import Carrier
from callcenter.data import BASE_DIR

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"]
BURSTS = 20
SDK = BASE_DIR / "apps/sandbox/static/sdk"

# Returns the two ends' samples around each burst as onsets in seconds.
MEASURE = """
async ([urls, bursts]) => {
  const { SoundLine } = await import("/sdk/sound.js");
  const context = new AudioContext({ latencyHint: "interactive" });
  await context.resume();
  const mouth = new GainNode(context, { gain: 0 });
  const tone = new OscillatorNode(context, { frequency: 1000 });
  tone.connect(mouth);
  tone.start();
  const silence = new GainNode(context, { gain: 0 });
  let isSpeaker = true;
  window.AudioContext = class { constructor() { return context; } };
  context.createMediaStreamSource = () => (isSpeaker ? mouth : silence);
  navigator.mediaDevices.getUserMedia = async () => new MediaStream(
    context.createMediaStreamDestination().stream.getAudioTracks());
  const both = new ChannelMergerNode(context, { numberOfInputs: 2 });
  const recorder = context.createScriptProcessor(2048, 2, 1);
  both.connect(recorder).connect(context.destination);
  mouth.connect(both, 0, 0);
  const connect = AudioNode.prototype.connect;
  let ears = 0;
  AudioNode.prototype.connect = function (target, ...rest) {
    if (target === context.destination && ++ears === 2) connect.call(this, both, 0, 1);
    return connect.call(this, target, ...rest);
  };
  const open = async (name) => {
    const line = new SoundLine(async () => ({ url: urls[name] }));
    line.join(name);
    const isReady = () => line.isOpen && ["ok", "silent"].includes(line.microphone);
    while (!isReady()) await new Promise((done) => setTimeout(done, 20));
    await new Promise((done) => setTimeout(done, 200));
    return line;
  };
  await open("speaker");
  isSpeaker = false;
  await open("listener");
  await new Promise((done) => setTimeout(done, 2000));

  const onsets = [[], []];
  const quietSince = [0, 0];
  recorder.onaudioprocess = ({ inputBuffer, playbackTime }) => {
    for (const end of [0, 1]) {
      inputBuffer.getChannelData(end).forEach((sample, n) => {
        const at = playbackTime + n / context.sampleRate;
        if (Math.abs(sample) < 0.05) return;
        if (at - quietSince[end] > 0.2) onsets[end].push(at);
        quietSince[end] = at;
      });
    }
  };
  for (let n = 0; n < bursts; n++) {
    const at = context.currentTime + 0.05;
    mouth.gain.setValueAtTime(0.5, at);
    mouth.gain.setValueAtTime(0, at + 0.1);
    await new Promise((done) => setTimeout(done, 500 + 37 * n % 20));
  }
  await new Promise((done) => setTimeout(done, 500));
  return { onsets, latency: { base: context.baseLatency, output: context.outputLatency } };
}
"""


async def between_pages(engine: str, secret: str) -> dict[str, Any]:
    """Milliseconds one way: median and extremes; and what this machine's sound card says it adds."""
    from playwright.async_api import async_playwright

    site = web.Application()
    site.add_routes([web.get("/", _page), web.static("/sdk", SDK)])
    runner = web.AppRunner(site)
    await runner.setup()
    door = web.TCPSite(runner, "127.0.0.1", 0)
    await door.start()
    origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with aiohttp.ClientSession() as http, async_playwright() as playwright:
        carrier = await Carrier(http, engine, secret).comes()
        names = ("speaker", "listener")
        urls = {name: f"{engine}/media?token={await carrier.admits(name, 'room', origin)}" for name in names}
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page()
        await page.goto(origin)
        sockets = {name: url.replace("http", "ws", 1) for name, url in urls.items()}
        found = await page.evaluate(MEASURE, [sockets, BURSTS])
        await browser.close()
    await runner.cleanup()
    said, heard = found["onsets"]
    delays = [1000 * min(at - began for at in heard if at > began) for began in said if any(at > began for at in heard)]
    if len(delays) < BURSTS / 2:
        raise RuntimeError(f"Of {BURSTS} bursts only {len(delays)} arrived.")
    return {
        "median": round(median(delays), 1),
        "least": round(min(delays), 1),
        "p95": round(percentile(delays, 95), 1),
        "bursts": len(delays),
        "sound_card_ms": {name: round(1000 * value, 1) for name, value in found["latency"].items()},
    }


async def _page(request: web.Request) -> web.Response:
    return web.Response(text="<!doctype html><title>Two telephones</title>", content_type="text/html")
