// Runs beside the page, on the sound's own thread: hands on what the microphone hears, a quarter of a second at a time.
class Recorder extends AudioWorkletProcessor {
  piece = new Float32Array(Math.ceil(sampleRate / 4));
  filled = 0;

  process([input]) {
    for (const value of input[0] ?? []) {
      this.piece[this.filled] = value;
      this.filled += 1;
      if (this.filled === this.piece.length) {
        this.port.postMessage(this.piece);
        this.filled = 0;
      }
    }
    return true;
  }
}
registerProcessor("recorder", Recorder);
