// An import goes on: its bar and its figures, once a second, until it has ended; then the page with the refused rows.
import { get } from "../lib/api.js";

const card = document.querySelector("[data-import]");
const bar = card.querySelector("[data-bar]");

async function look() {
  try {
    const run = await get(card.dataset.import);
    bar.value = run.percent;
    for (const figure of card.querySelectorAll("[data-figure]")) {
      figure.textContent = run[figure.dataset.figure].toLocaleString("en");
    }
    if (run.status !== "running") return location.reload();
  } catch (error) {
    card.querySelector("[data-status]").textContent = error.message;
  }
  return setTimeout(look, 1000);
}

look();
