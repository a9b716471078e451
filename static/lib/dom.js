// Small helpers to build and change pages. Text goes in as text, never as markup.

export const $ = (selector, root = document) => root.querySelector(selector);

// el("button", { class: "button", onclick, "aria-label": "…" }, "text", child, null)
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${document.body.dataset.icons}#${name}`);
  svg.append(use);
  return svg;
}

export function text(node, value) {
  const wanted = value ?? "";
  if (node.textContent !== wanted) node.textContent = wanted;
}

// Make `parent` hold one child per row, in order, reusing the nodes of rows that did not change.
export function list(parent, rows, build, { key = (row) => row.id } = {}) {
  const old = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  rows.forEach((row, index) => {
    const id = String(key(row));
    const print = JSON.stringify(row);
    let node = old.get(id);
    old.delete(id);
    if (!node || node.print !== print) {
      const fresh = build(row);
      fresh.dataset.key = id;
      fresh.print = print;
      if (node) {
        // Who is at a button of this row with the keyboard stays there.
        const control = node.contains(document.activeElement) && document.activeElement.dataset.control;
        node.replaceWith(fresh);
        if (control) $(`[data-control="${control}"]`, fresh)?.focus();
      }
      node = fresh;
    }
    if (parent.children[index] !== node) parent.insertBefore(node, parent.children[index] ?? null);
  });
  for (const node of old.values()) node.remove();
}

// A message that goes away by itself; failures stay longer and are read out at once.
export function toast(message, tone = "") {
  let shelf = $(".toasts");
  if (!shelf) {
    shelf = el("div", { class: "toasts" });
    document.body.append(shelf);
  }
  // A trouble that repeats itself is said once.
  for (const shown of shelf.children) if (shown.firstChild.textContent === message) shown.remove();
  const close = el("button", { type: "button", "aria-label": "Dismiss", onclick: () => box.remove() }, "✕");
  const box = el("div", { class: "toast", "data-tone": tone, role: tone === "bad" ? "alert" : "status" }, el("span", {}, message), close);
  shelf.append(box);
  while (shelf.children.length > 4) shelf.firstChild.remove();
  setTimeout(() => box.remove(), tone === "bad" ? 12000 : 5000);
}
