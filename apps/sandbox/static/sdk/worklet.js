// Between the sound card and the line: the microphone as frames of mu-law at 8000 Hz, frames of the line as sound.
// Runs on the browser's audio thread, at whatever rate the sound card has.

const RATE = 8000;
const FRAME = 160; // samples, 20 ms
const BEGIN_WITH = 2; // frames in hand before sound begins
const LOW_WATER = 3; // a queue that never falls below this for a second is a frame too deep
const DEEPEST = 12;

// G.711 mu-law: one byte to a sample between -1 and 1.
const DECODED = Float32Array.from({ length: 256 }, (_, byte) => {
  const bits = ~byte & 0xff;
  const value = (((bits & 0x0f) << 3) + 132 << (bits >> 4 & 7)) - 132;
  return (bits & 0x80 ? -value : value) / 32768;
});

function encode(sample) {
  let value = Math.max(-32635, Math.min(32635, Math.round(sample * 32768)));
  const sign = value < 0 ? 0x80 : 0;
  value = Math.abs(value) + 132;
  const exponent = 31 - Math.clz32(value) - 7;
  return ~(sign | exponent << 4 | value >> exponent + 3 & 0x0f) & 0xff;
}

// Two low-passes in a row (fourth order, Butterworth): a telephone carries up to 3400 Hz.
class LowPass {
  constructor(hertz) {
    this.parts = [0.54119610, 1.3065630].map((quality) => {
      const turn = (2 * Math.PI * Math.min(hertz, sampleRate * 0.45)) / sampleRate;
      const alpha = Math.sin(turn) / (2 * quality);
      const scale = 1 + alpha;
      const side = (1 - Math.cos(turn)) / 2 / scale;
      return { b0: side, b1: 2 * side, a1: (-2 * Math.cos(turn)) / scale, a2: (1 - alpha) / scale, x1: 0, x2: 0, y1: 0, y2: 0 };
    });
  }

  next(sample) {
    for (const part of this.parts) {
      const out = part.b0 * (sample + part.x2) + part.b1 * part.x1 - part.a1 * part.y1 - part.a2 * part.y2;
      part.x2 = part.x1;
      part.x1 = sample;
      part.y2 = part.y1;
      part.y1 = out;
      sample = out;
    }
    return sample;
  }
}

class Telephone extends AudioWorkletProcessor {
  constructor() {
    super();
    this.line = null; // the port to the wire
    this.step = sampleRate / RATE;
    // Out: what the microphone says.
    this.micPass = new LowPass(3400);
    this.frame = new Uint8Array(FRAME);
    this.filled = 0;
    this.due = 0; // samples of the card until the next sample of the line
    this.lastIn = 0;
    this.isMuted = false;
    // In: what is heard.
    this.earPass = new LowPass(3600);
    this.queue = [];
    this.flows = false;
    this.at = 0; // within the first frame, in samples of the line
    this.from = 0;
    this.until = 0;
    this.between = 1;
    this.least = DEEPEST;
    this.seconds = 0;
    // For the meters.
    this.loudIn = this.loudOut = this.measured = 0;
    this.underruns = this.trimmed = 0;
    this.began = false;
    this.missing = 0; // samples of the line that should have been heard and were not
    this.port.onmessage = ({ data }) => this.told(data);
  }

  told(message) {
    if (message.muted !== undefined) this.isMuted = message.muted;
    if (message.line) {
      this.line = message.line;
      this.line.onmessage = ({ data }) => this.take(new Uint8Array(data));
    }
    if (message.hush) {
      this.queue.length = 0;
      this.flows = this.began = false;
    }
  }

  take(frame) {
    this.queue.push(frame);
    while (this.queue.length > DEEPEST) {
      this.queue.shift();
      this.missing += FRAME;
    }
  }

  process([input], [output]) {
    const microphone = input[0];
    const ear = output[0];
    for (let i = 0; i < ear.length; i++) {
      const said = microphone ? microphone[i] : 0;
      this.loudIn += said * said;
      this.say(this.isMuted ? 0 : said);
      const heard = this.hear();
      this.loudOut += heard * heard;
      ear[i] = heard;
    }
    for (const channel of output.slice(1)) channel.set(ear);
    this.trim(ear.length);
    this.meter(ear.length);
    return true;
  }

  say(sample) {
    const passed = this.micPass.next(sample);
    this.due -= 1;
    if (this.due <= 0) {
      // The line's sample lies between the card's last one and this one.
      const part = 1 + this.due;
      this.frame[this.filled++] = encode(this.lastIn + (passed - this.lastIn) * part);
      this.due += this.step;
      if (this.filled === FRAME) {
        this.line?.postMessage(this.frame.slice().buffer);
        this.filled = 0;
      }
    }
    this.lastIn = passed;
  }

  hear() {
    this.between += 1 / this.step;
    while (this.between >= 1) {
      this.between -= 1;
      this.from = this.until;
      this.until = this.pull();
    }
    return this.earPass.next(this.from + (this.until - this.from) * this.between);
  }

  // The next sample of the line; silence while too little is in hand.
  pull() {
    if (!this.flows) {
      if (this.queue.length < BEGIN_WITH) {
        this.missing += this.began ? 1 : 0;
        return 0;
      }
      this.flows = this.began = true;
      this.at = 0;
    }
    const sample = DECODED[this.queue[0][this.at++]];
    if (this.at === FRAME) {
      this.queue.shift();
      this.at = 0;
      if (!this.queue.length) {
        this.flows = false;
        this.underruns += 1;
      }
    }
    return sample;
  }

  // The engine's clock and the sound card's differ a little: a frame a second makes up for it.
  trim(samples) {
    this.least = Math.min(this.least, this.queue.length);
    this.seconds += samples / sampleRate;
    if (this.seconds < 1) return;
    if (this.least >= LOW_WATER) {
      this.queue.splice(1, 1);
      this.trimmed += 1;
    }
    this.least = DEEPEST;
    this.seconds = 0;
  }

  meter(samples) {
    this.measured += samples;
    if (this.measured < sampleRate / 10) return;
    this.port.postMessage({
      said: Math.sqrt(this.loudIn / this.measured),
      heard: Math.sqrt(this.loudOut / this.measured),
      depth: this.queue.length,
      underruns: this.underruns,
      trimmed: this.trimmed,
      missing: this.missing,
    });
    this.loudIn = this.loudOut = this.measured = 0;
  }
}

registerProcessor("telephone", Telephone);
