// Trying the menu: the server plays it with the code of live calls; nobody is called and nothing is kept.
import { useEffect, useRef, useState } from "react";
import { post } from "../../../lib/api.js";

export function Phone({ flow, doc, light, mayChange, saved }) {
  const [answers, setAnswers] = useState(null);
  const [played, setPlayed] = useState(null);
  const [log, setLog] = useState([]);
  const [caller, setCaller] = useState("");
  const [facts, setFacts] = useState({});
  const [aloud, setAloud] = useState(false);
  const [said, setSaid] = useState("");
  const [error, setError] = useState("");
  const turn = useRef(0);
  const end = useRef(null);

  useEffect(() => () => globalThis.speechSynthesis?.cancel(), []);
  useEffect(() => { end.current?.scrollIntoView?.({ block: "nearest" }); }, [log]);

  async function play(given, { from = log, pretend = facts } = {}) {
    const mine = ++turn.current;
    setAnswers(given);
    setError("");
    try {
      const heard = await post(`/ivr/flows/${flow.id}/start/`, { document: doc, answers: given, caller, facts: pretend });
      if (mine !== turn.current) return;
      setPlayed(heard);
      light(heard.steps, heard.node);
      setLog([...from, ...heard.prompts.map((one) => ({ who: "menu", text: one.text || "♪ a sound", url: one.url })), ...(heard.over ? [{ who: "end", text: ending(heard) }] : [])]);
      if (aloud) speak(heard.prompts);
    } catch (failure) {
      setError([failure.message, ...Object.entries(failure.fields ?? {}).map(([path, texts]) => `${path}: ${texts.join(" ")}`)].join(" "));
    }
  }

  const begin = (pretend = facts) => { setLog([]); setPlayed(null); return play([], { from: [], pretend }); };
  const answer = (one, words) => {
    globalThis.speechSynthesis?.cancel();
    const next = [...log, { who: "caller", text: words }];
    setLog(next);
    return play([...answers, one], { from: next });
  };
  const many = played && played.num_digits > 1;
  const press = (key) => {
    if (!many) return answer({ digits: key }, key);
    if (key === "#" && said) { const digits = said; setSaid(""); return answer({ digits }, digits); }
    return setSaid(said + key);
  };
  const listening = played && !played.over && !played.looks_up;

  async function keep() {
    const name = globalThis.prompt("Name of the test call:", log.filter((one) => one.who === "caller").map((one) => one.text).join(" ") || "Silence");
    if (!name) return;
    try {
      await post(`/ivr/flows/${flow.id}/cases/`, { name, document: doc, answers, caller, facts });
      saved(`“${name}” is tried before each publishing.`);
    } catch (failure) { setError(failure.message); }
  }

  return (
    <section className="mb-phone" aria-label="Try it">
      <div className="mb-row">
        <label className="field"><span>Calling from</span>
          <input value={caller} placeholder="a number, or nobody we know" maxLength={40} onChange={(event) => setCaller(event.target.value)} />
        </label>
        <label className="mb-yes"><input type="checkbox" checked={aloud} onChange={(event) => setAloud(event.target.checked)} /><span>Aloud</span></label>
      </div>
      <div className="mb-row">
        <button className="button go" type="button" onClick={() => begin()}>{answers ? "Call again" : "Call"}</button>
        {mayChange && played && <button className="button small" type="button" onClick={keep}>Keep as a test call</button>}
      </div>
      {error && <p className="note small" data-tone="bad" role="alert">{error}</p>}
      <ol className="mb-talk" aria-live="polite">
        {log.map((one, n) => <li key={n} data-who={one.who}>{one.text}{one.url && <audio controls preload="none" src={one.url} />}</li>)}
        <li ref={end} className="mb-talk-end" aria-hidden="true" />
      </ol>
      <div className="mb-keys" role="group" aria-label="Keys">
        {[..."123456789*0#"].map((key) => <button key={key} className="button" type="button" disabled={!listening} onClick={() => press(key)}>{key}</button>)}
      </div>
      {played?.looks_up && <Reply key={answers.length} names={played.looks_up} reply={(found) => answer(found ? { found } : {}, found ? "(the service answers)" : "(the service knows nothing)")} />}
      <form className="mb-row" onSubmit={(event) => { event.preventDefault(); if (said) { const words = said; setSaid(""); answer(many && /^[0-9*#]+$/.test(words) ? { digits: words } : { speech: words }, words); } }}>
        <input aria-label={many ? "Digits or words" : "Words"} placeholder={many ? "Digits, then send" : "Say something"} value={said} disabled={!listening} maxLength={200} onChange={(event) => setSaid(event.target.value)} />
        <button className="button small" disabled={!listening || !said}>Send</button>
        <button className="button small" type="button" disabled={!listening} onClick={() => answer({}, "(silence)")}>Silence</button>
      </form>
      <Facts facts={played?.facts ?? {}} doc={doc} flip={(name, value) => { const next = { ...facts, [name]: value }; setFacts(next); begin(next); }} />
    </section>
  );
}

// No real service is asked here: whoever tries the menu says what it answers.
function Reply({ names, reply }) {
  const [values, setValues] = useState({});
  return (
    <fieldset className="mb-facts"><legend className="small quiet">A web service is asked; what does it answer?</legend>
      {names.map((name) => (
        <label key={name} className="field"><span>{name}</span>
          <input maxLength={500} value={values[name] ?? ""} onChange={(event) => setValues({ ...values, [name]: event.target.value })} />
        </label>
      ))}
      <div className="mb-row">
        <button className="button small" type="button" onClick={() => reply(values)}>It answers</button>
        <button className="button small" type="button" onClick={() => reply(null)}>It fails</button>
      </div>
    </fieldset>
  );
}

const WORDS = { hours: "Open", known: "We know the caller", list: "On the list", tag: "Has the tag", destination: "Takes calls" };

function Facts({ facts, doc, flip }) {
  const rows = Object.entries(facts);
  if (!rows.length) return null;
  const named = (name) => {
    const [subject, id] = [name.split(":")[0], name.slice(name.indexOf(":") + 1)];
    const node = Object.values(doc.nodes).find((one) => one.schedule?.id === id || one.destination?.id === id);
    return `${WORDS[subject] ?? subject}: ${node?.schedule?.label ?? node?.destination?.label ?? id}`.replace(/: $/, "");
  };
  return (
    <fieldset className="mb-facts"><legend className="small quiet">As things stand; change one and call again</legend>
      {rows.map(([name, value]) => (
        <label key={name} className="mb-yes"><input type="checkbox" checked={value} onChange={(event) => flip(name, event.target.checked)} /><span>{named(name)}</span></label>
      ))}
    </fieldset>
  );
}

function ending(heard) {
  if (heard.destination) return `The call goes to ${heard.destination}.`;
  if (heard.end === "hangs up") return "The menu hangs up.";
  return heard.end === "gives up" ? "The menu gives up and hangs up." : "The call leaves the menu.";
}

function speak(prompts) {
  if (!globalThis.speechSynthesis) return;
  speechSynthesis.cancel();
  for (const one of prompts.filter((prompt) => prompt.text)) {
    const utterance = new SpeechSynthesisUtterance(one.text);
    utterance.lang = one.language;
    speechSynthesis.speak(utterance);
  }
}
