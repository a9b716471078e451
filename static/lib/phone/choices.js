// What a person chose for the telephone in this browser: tone, loudness, devices, answering by itself.

const DEFAULTS = { tone: "chime", volume: "0.6", microphone: "", speaker: "", "auto-answer": "off" };

export const choice = (name) => localStorage.getItem(`phone.${name}`) ?? DEFAULTS[name];

export function choose(name, value) {
  if (value === DEFAULTS[name]) localStorage.removeItem(`phone.${name}`);
  else localStorage.setItem(`phone.${name}`, value);
}

// Ring tones are made here: [from seconds, for seconds, pitches]. Nothing is fetched.
const CHORD = [523.25, 659.25];
export const TONES = {
  chime: { name: "Chime", notes: [[0, 0.36, CHORD], [0.42, 0.36, CHORD]] },
  classic: { name: "Classic bell", notes: [0, 0.09, 0.18, 0.27, 0.36, 0.45, 0.54, 0.63].map((at) => [at, 0.08, [880, 1108.73]]) },
  soft: { name: "Soft", notes: [[0, 0.9, [392, 493.88]]] },
  urgent: { name: "Urgent", notes: [0, 0.2, 0.4, 0.6].map((at) => [at, 0.12, [1046.5]]) },
};

export function play(sound, tone = choice("tone"), volume = Number(choice("volume"))) {
  const gain = sound.createGain();
  gain.gain.value = 0;
  gain.connect(sound.destination);
  const loud = Math.max(0.0002, volume * 0.27);
  for (const [from, lasts, pitches] of (TONES[tone] ?? TONES.chime).notes) {
    const at = sound.currentTime + 0.02 + from;
    gain.gain.setValueAtTime(0.0001, at);
    gain.gain.exponentialRampToValueAtTime(loud, at + Math.min(0.03, lasts / 3));
    gain.gain.exponentialRampToValueAtTime(0.0001, at + lasts);
    for (const pitch of pitches) {
      const voice = sound.createOscillator();
      voice.frequency.value = pitch;
      voice.connect(gain);
      voice.start(at);
      voice.stop(at + lasts + 0.02);
    }
  }
}

// Where the browser can: the ring sounds at the chosen loudspeaker, which need not be the headset.
export async function toSpeaker(target) {
  const id = choice("speaker");
  if (!target.setSinkId) return;
  await target.setSinkId(id).catch(() => target.setSinkId(""));
}
