// Beside each condition, offers the values that its subject can have: our numbers, tags, lists, schedules.
const HINTS = {
  caller: "+14155550123",
  caller_prefix: "+1415",
};

function start() {
  const kept = document.getElementById("condition-choices");
  if (!kept) return;
  const choices = JSON.parse(kept.textContent);

  function offer(select) {
    const input = document.getElementById(select.id.replace(/-subject$/, "-value"));
    if (!input) return;
    const client = document.getElementById("id_client");
    const values = (choices[client && client.value] || Object.values(choices)[0] || {})[select.value] || [];
    const id = `${input.id}-choices`;
    let list = document.getElementById(id);
    if (!list) {
      list = document.createElement("datalist");
      list.id = id;
      input.after(list);
      input.setAttribute("list", id);
    }
    list.replaceChildren(...values.map((value) => Object.assign(document.createElement("option"), { value })));
    input.placeholder = HINTS[select.value] || (values.length ? `${values[0]} …` : "");
  }

  const isSubject = (element) => element instanceof HTMLSelectElement && /-subject$/.test(element.id);
  const all = () => document.querySelectorAll("select[id$=-subject]").forEach(offer);
  document.addEventListener("change", (event) => {
    if (isSubject(event.target)) offer(event.target);
    if (event.target.id === "id_client") all();
  });
  document.addEventListener("formset:added", all);
  all();
}

document.addEventListener("DOMContentLoaded", start);
