// A queue's page: puts away what the chosen settings do not use. Without this script everything is shown.

// A setting, the field that decides about it, and the values of that field with which it is used.
const USED = [
  ["prefer_wait_seconds", "prefer", (value) => value !== "nobody"],
  ["when_closed", "schedule", Boolean],
  ["at_closing", "schedule", Boolean],
];

const row = (name) => document.querySelector(`.queue-section .field-${name}:not(td)`);
const value = (name) => document.getElementById(`id_${name}`)?.value ?? "";

function strategy() {
  const chosen = document.querySelector("input[name=strategy]:checked");
  if (chosen) document.body.dataset.strategy = chosen.value;
}

function settings() {
  for (const [name, decides, isUsed] of USED) {
    if (document.getElementById(`id_${decides}`)) row(name)?.classList.toggle("queue-unused", !isUsed(value(decides)));
  }
}

// A key that asks for a callback leads nowhere else.
function choices() {
  for (const select of document.querySelectorAll("select[id$=-action]")) {
    const cell = select.closest("tr")?.querySelector(".field-destination > *");
    cell?.classList.toggle("queue-unused", select.value === "callback");
  }
}

function all() {
  strategy();
  settings();
  choices();
}

// A field that is wrong is never hidden in a folded section.
function open() {
  for (const wrong of document.querySelectorAll(".queue-section .errorlist")) {
    const fold = wrong.closest("details");
    if (fold) fold.open = true;
  }
}

document.addEventListener("change", all);
document.addEventListener("formset:added", all);
document.addEventListener("DOMContentLoaded", () => {
  all();
  open();
  // The boxes for choosing a row tell of a change through jQuery only.
  window.django?.jQuery?.(document).on("change", "select", all);
});
