// The ear: texts are spoken by the browser, sounds are played or, where there is no file, made here.

export class Ear {
  #isOn = true; #sound = null; #music = null; #audio = null; #waiting = [];

  set isOn(on) {
    this.#isOn = on;
    if (!on) this.silence();
  }

  // Call it from a click: a browser lets a page sound only after one.
  wake() {
    this.#sound ??= new AudioContext();
    if (this.#sound.state === "suspended") this.#sound.resume();
  }

  say(text, language) {
    this.stopMusic();
    if (!this.#isOn || !("speechSynthesis" in window)) return;
    const words = new SpeechSynthesisUtterance(text);
    if (language) words.lang = language;
    speechSynthesis.speak(words);
  }

  play(url, seconds) {
    this.stopMusic();
    if (!this.#isOn) return;
    const begin = () => {
      this.#audio = new Audio(url);
      this.#audio.loop = !seconds || seconds > 20;
      this.#audio.volume = 0.5;
      this.#audio.play().catch(() => this.music());
    };
    this.#afterWords(begin);
  }

  // A quiet turn of four chords, for hold music that has no file.
  music() {
    this.stopMusic();
    if (!this.#isOn || this.#sound?.state !== "running") return;
    const chords = [[261.6, 329.6, 392.0], [220.0, 261.6, 329.6], [174.6, 220.0, 261.6], [196.0, 246.9, 293.7]];
    const volume = this.#sound.createGain();
    volume.gain.value = 0.05;
    volume.connect(this.#sound.destination);
    let bar = 0;
    const chord = () => {
      chords[bar++ % chords.length].forEach((pitch, index) => this.#tone(pitch, index * 0.28, 1.7, volume));
    };
    chord();
    this.#music = { timer: setInterval(chord, 2000), volume };
  }

  ringing() {
    this.stopMusic();
    if (!this.#isOn || this.#sound?.state !== "running") return;
    const volume = this.#sound.createGain();
    volume.gain.value = 0.06;
    volume.connect(this.#sound.destination);
    const ring = () => [440, 480].forEach((pitch) => this.#tone(pitch, 0, 1.6, volume));
    ring();
    this.#music = { timer: setInterval(ring, 4000), volume };
  }

  beep() {
    if (!this.#isOn || this.#sound?.state !== "running") return;
    const volume = this.#sound.createGain();
    volume.gain.value = 0.12;
    volume.connect(this.#sound.destination);
    this.#tone(880, 0, 0.25, volume);
  }

  key(digit) {
    if (!this.#isOn || this.#sound?.state !== "running") return;
    const index = "123456789*0#".indexOf(digit);
    const volume = this.#sound.createGain();
    volume.gain.value = 0.07;
    volume.connect(this.#sound.destination);
    this.#tone([697, 770, 852, 941][Math.floor(index / 3)], 0, 0.14, volume);
    this.#tone([1209, 1336, 1477][index % 3], 0, 0.14, volume);
  }

  stopMusic() {
    this.#waiting.forEach(clearTimeout);
    this.#waiting = [];
    this.#audio?.pause();
    this.#audio = null;
    if (!this.#music) return;
    clearInterval(this.#music.timer);
    this.#music.volume.disconnect();
    this.#music = null;
  }

  hush() {
    if ("speechSynthesis" in window) speechSynthesis.cancel();
  }

  silence() {
    this.stopMusic();
    this.hush();
  }

  // The carrier's clock says how long a sentence takes; the browser's voice may take longer.
  #afterWords(begin) {
    if (!("speechSynthesis" in window) || !speechSynthesis.speaking) return begin();
    return this.#waiting.push(setTimeout(() => this.#afterWords(begin), 200));
  }

  #tone(pitch, delay, seconds, into) {
    const at = this.#sound.currentTime + delay;
    const tone = this.#sound.createOscillator();
    const shape = this.#sound.createGain();
    tone.type = "triangle";
    tone.frequency.value = pitch;
    shape.gain.setValueAtTime(0.0001, at);
    shape.gain.exponentialRampToValueAtTime(1, at + 0.04);
    shape.gain.exponentialRampToValueAtTime(0.0001, at + seconds);
    tone.connect(shape).connect(into);
    tone.start(at);
    tone.stop(at + seconds + 0.05);
  }
}
