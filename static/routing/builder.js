// Draws the conditions of a rule as boxes: groups joined by AND or OR, each with conditions joined by AND or OR.
// The text area beside it holds the same as JSON; it is what the form sends.
const LANGUAGES = ["en", "es", "es-MX", "fr", "pt", "de", "zh"];
const HINTS = { caller: "+14155550123", caller_prefix: "+1415", digits: "12", digits_prefix: "1", country: "US", language: "es" };

function read(id, otherwise) {
  const kept = document.getElementById(id);
  return kept ? JSON.parse(kept.textContent) : otherwise;
}

function make(tag, props = {}, ...children) {
  const { data = {}, ...rest } = props;
  const node = Object.assign(document.createElement(tag), rest);
  for (const [name, value] of Object.entries(data)) node.dataset[name] = value;
  node.append(...children.filter(Boolean));
  return node;
}

class Builder {
  constructor(root) {
    this.root = root;
    this.boxes = root.querySelector("[data-boxes]");
    this.source = document.getElementById(root.dataset.ruleBuilder);
    this.subjects = read("rule-subjects", []);
    this.choices = read("rule-choices", {});
    this.faults = read("rule-faults", {});
    this.byName = new Map(this.subjects.map((subject) => [subject.name, subject]));
    this.state = JSON.parse(this.source.value || "{}");
    this.state.match ||= "all";
    this.state.groups ||= [];
    const client = document.getElementById("id_client");
    if (client) client.addEventListener("change", () => this.draw());
    this.draw();
  }

  values(subject) {
    const client = document.getElementById("id_client");
    const own = this.choices[client && client.value] || Object.values(this.choices)[0] || {};
    return own[subject] || [];
  }

  // What is typed is kept at once; the boxes are drawn anew only when their shape changes.
  keep() {
    this.source.value = JSON.stringify(this.state);
    this.source.dispatchEvent(new Event("change", { bubbles: true }));
    this.say();
  }

  change(act, focus) {
    act();
    this.faults = {};
    this.keep();
    this.draw();
    if (focus) this.boxes.querySelector(focus)?.focus();
  }

  say() {
    const word = { all: " and ", any: " or " };
    const parts = this.state.groups.filter((group) => group.conditions.length).map((group) => {
      const said = group.conditions.map((condition) => this.words(condition)).join(word[group.match]);
      return group.conditions.length > 1 && this.state.groups.length > 1 ? `(${said})` : said;
    });
    const line = this.root.querySelector("[data-says]");
    const said = parts.join(word[this.state.match]);
    line.textContent = said ? `When ${said}${said.endsWith("…") ? "" : "."}` : "It applies to every call.";
  }

  words(condition) {
    const subject = this.byName.get(condition.subject);
    if (!subject) return "…";
    const no = subject.yes_or_no ? (condition.value === "no") !== !!condition.negated : condition.negated;
    return subject.phrases[no ? 1 : 0].replace("{value}", condition.value || "…").replace("{number}", condition.number ?? "…");
  }

  draw() {
    const groups = this.state.groups.map((group, place) => this.group(group, place));
    const joined = groups.flatMap((box, place) => (place ? [this.joint(this.state, `between groups ${place} and ${place + 1}`), box] : [box]));
    const add = make("button", { type: "button", className: "rule-add", textContent: "Add a group" });
    add.addEventListener("click", () => this.change(
      () => this.state.groups.push({ match: "all", conditions: [{ subject: "", value: "", negated: false, number: null }] }),
      ".rule-group:last-of-type select",
    ));
    this.boxes.replaceChildren(...joined, add);
    this.say();
  }

  // The AND / OR switch. All joints of one level turn together, because they are one setting.
  joint(owner, where) {
    const button = (match, text) => {
      const one = make("button", { type: "button", textContent: text, data: { match } });
      one.setAttribute("aria-pressed", String(owner.match === match));
      one.addEventListener("click", () => this.change(() => { owner.match = match; }));
      return one;
    };
    const joint = make("div", { className: "rule-joint" }, button("all", "AND"), button("any", "OR"));
    joint.setAttribute("role", "group");
    joint.setAttribute("aria-label", `All or any, ${where}`);
    return joint;
  }

  group(group, place) {
    const rows = group.conditions.map((condition, nth) => this.condition(group, condition, place, nth));
    const joined = rows.flatMap((row, nth) => (nth ? [this.joint(group, `in group ${place + 1}`), row] : [row]));
    const add = make("button", { type: "button", className: "rule-add", textContent: "Add a condition" });
    add.addEventListener("click", () => this.change(
      () => group.conditions.push({ subject: "", value: "", negated: false, number: null }),
      `[data-group="${place}"] .rule-condition:last-of-type select`,
    ));
    const remove = this.remover(`Remove group ${place + 1}`, () => this.state.groups.splice(place, 1));
    const head = make("div", { className: "rule-head" }, make("span", { textContent: `Group ${place + 1}` }), remove);
    const box = make("fieldset", { className: "rule-group", data: { group: place } }, head, ...joined, add);
    box.setAttribute("aria-label", `Group ${place + 1}`);
    return box;
  }

  remover(label, act) {
    const button = make("button", { type: "button", className: "rule-remove", title: label, textContent: "×" });
    button.setAttribute("aria-label", label);
    button.addEventListener("click", () => this.change(act));
    return button;
  }

  condition(group, condition, place, nth) {
    const subject = this.byName.get(condition.subject);
    const remove = this.remover(`Remove condition ${nth + 1} of group ${place + 1}`, () => {
      group.conditions.splice(nth, 1);
      if (!group.conditions.length) this.state.groups.splice(place, 1);
    });
    const fault = this.faults[`${place}.${nth}`];
    const parts = [this.subject(condition, place, nth)];
    if (subject) {
      const value = subject.yes_or_no || subject.nameless ? null : this.value(condition, subject);
      const comparison = this.comparison(condition, subject);
      parts.push(...(subject.value_first ? [value, comparison] : [comparison, value]));
      if (subject.measured) parts.push(this.number(condition, subject));
    }
    const row = make("div", { className: "rule-condition", data: { condition: nth } }, ...parts, remove);
    if (fault) row.append(make("p", { className: "rule-fault", textContent: fault }));
    row.classList.toggle("is-faulty", !!fault);
    return row;
  }

  select(options, chosen, label, act) {
    const select = make("select");
    select.setAttribute("aria-label", label);
    for (const [value, text] of options) select.add(new Option(text, value, false, value === chosen));
    select.addEventListener("change", () => act(select.value));
    return select;
  }

  subject(condition, place, nth) {
    const options = [["", "choose what is asked"], ...this.subjects.map((one) => [one.name, one.label])];
    return this.select(options, condition.subject, "What is asked", (name) => this.change(() => {
      const subject = this.byName.get(name) || {};
      const values = this.values(name);
      const first = subject.yes_or_no ? "yes" : subject.choose && values.length ? values[0] : "";
      Object.assign(condition, { subject: name, value: first, number: subject.measured ? 1 : null, negated: false });
    }, `[data-group="${place}"] [data-condition="${nth}"] select`));
  }

  comparison(condition, subject) {
    if (subject.yes_or_no) {
      const says = (condition.value === "yes") !== !!condition.negated ? "yes" : "no";
      return this.select([["yes", "yes"], ["no", "no"]], says, "Yes or no", (value) => {
        Object.assign(condition, { value, negated: false });
        this.keep();
      });
    }
    const [yes, no] = subject.joins;
    return this.select([["", yes], ["not", no]], condition.negated ? "not" : "", "How it is compared", (value) => {
      condition.negated = value === "not";
      this.keep();
    });
  }

  value(condition, subject) {
    const values = this.values(subject.name);
    const keep = (value) => { condition.value = value; this.keep(); };
    if (subject.choose && values.length) {
      const known = values.includes(condition.value) ? values : [condition.value, ...values];
      const options = known.map((value) => [value, values.includes(value) ? value : `${value || "…"} (gone)`]);
      return this.select(options, condition.value, "Value", keep);
    }
    const input = make("input", { type: "text", value: condition.value, placeholder: HINTS[subject.name] || "", maxLength: 160 });
    input.setAttribute("aria-label", "Value");
    input.addEventListener("input", () => keep(input.value));
    const offered = subject.name === "language" ? LANGUAGES : values;
    if (!offered.length) return input;
    const list = make("datalist", { id: `rule-values-${subject.name}` }, ...offered.map((value) => make("option", { value })));
    input.setAttribute("list", list.id);
    return make("span", { className: "rule-typed" }, input, list);
  }

  number(condition, subject) {
    const input = make("input", { type: "number", min: "1", max: "100000", value: condition.number ?? "" });
    input.setAttribute("aria-label", `Number of ${subject.unit}`);
    input.addEventListener("input", () => {
      condition.number = input.value === "" ? null : Number(input.value);
      this.keep();
    });
    return make("label", { className: "rule-number" }, input, make("span", { textContent: subject.unit }));
  }
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("[data-rule-builder]").forEach((root) => new Builder(root));
});
