// The server's clock in the browser, and the running times that hang on it.
// <time data-since="ISO"> counts up, <time data-until="ISO"> counts down; all change at the same instant, on whole
// seconds of the server's clock, so that two pages of one call show the same figure.

let offset = 0; // milliseconds that the server is ahead
let best = Infinity; // the shortest way a frame took is the truest reading; it grows old slowly

export function sync(serverNow) {
  const measured = Date.parse(serverNow) - Date.now();
  // A frame can only arrive late, so a larger offset is nearer to the truth. The allowance follows a drifting clock.
  best = best === Infinity || measured > offset || measured < offset - 2000 ? measured : best - 1;
  offset = best;
}

export const now = () => Date.now() + offset;

export function words(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

const show = (node, text) => {
  if (node.textContent !== text) node.textContent = text;
};

export function tick() {
  const at = now();
  for (const node of document.querySelectorAll("time[data-since]")) {
    show(node, node.dataset.since ? words((at - Date.parse(node.dataset.since)) / 1000) : "");
  }
  for (const node of document.querySelectorAll("time[data-until]")) {
    show(node, node.dataset.until ? words(Math.ceil((Date.parse(node.dataset.until) - at) / 1000)) : "");
  }
  document.dispatchEvent(new CustomEvent("clock:tick", { detail: at }));
}

function run() {
  tick();
  setTimeout(run, 1005 - (now() % 1000));
}
run();

const timeOfDay = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const dayAndTime = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

// 14:07 today, "3 May 14:07" on other days.
export function moment(iso) {
  const at = new Date(iso);
  return (at.toDateString() === new Date(now()).toDateString() ? timeOfDay : dayAndTime).format(at);
}
