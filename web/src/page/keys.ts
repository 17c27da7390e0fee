import { make } from "../parts/dom.ts";
import type { App } from "./app.ts";

/** The keys of the page, and what they do. Where `keys` is in the attribute data-keys of a button, they press it. */
export const KEYS: readonly (readonly [keys: string, shown: string, meaning: string])[] = [
  ["j ArrowLeft", "J or ←", "previous request"],
  ["l ArrowRight", "L or →", "next request"],
  ["Home", "Home", "first request"],
  ["End", "End", "last request"],
  ["p", "P", "previous request with an event of the chosen kind"],
  ["n", "N", "next request with an event of the chosen kind"],
  [",", ", (comma)", "previous event of the request"],
  [".", ". (full stop)", "next event of the request"],
  ["k", "K", "play the events of the request, or pause"],
  ["0", "0", "all events of the request"],
  ["h", "H", "the whole heap"],
  ["f", "F", "select the block of each request, or keep the selection"],
  ["t", "T", "table of what the map shows"],
  ["/", "/", "search"],
  ["?", "?", "this list"],
];

const IN_MAP = [["← ↑ ↓ →", "the pool or the block beside the selected one"], ["Page Up, Page Down", "the pool of the next arena"],
  ["Enter", "zoom in"], ["Escape", "zoom out"]] as const;

/** The attributes of a button that keys press: the first key of an entry of KEYS names it. */
export function keyed(first: string): { "data-keys": string } {
  return { "data-keys": KEYS.find(([keys]) => keys.split(" ")[0] === first)?.[0] ?? first };
}

// Where keys have a meaning of their own: fields, and, for keys that move, what they move in.
function isTaken(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest("input, textarea, select, dialog[open], [contenteditable]")) return true;
  return key.length > 1 && target.closest("[role=slider], [role=application], [role=tab], .scroll, .events") !== null;
}

function press(key: string): boolean {
  const wanted = key.length === 1 ? key.toLowerCase() : key;
  const element = [...document.querySelectorAll<HTMLElement>("[data-keys]")].find((one) => one.dataset["keys"]?.split(" ").includes(wanted));
  if (!element) return false;
  if (element instanceof HTMLInputElement) element.focus();
  else element.click();
  return true;
}

function makeDialog(isOn: HTMLInputElement): HTMLDialogElement {
  const row = (keys: string, meaning: string): HTMLElement[] => [make("dt", {}, make("kbd", {}, keys)), make("dd", {}, meaning)];
  const close = make("button", { type: "button", onclick: () => { dialog.close(); } }, "Close");
  const dialog = make("dialog", { class: "help", "aria-labelledby": "help-heading" },
    make("div", { class: "row" }, make("h2", { id: "help-heading" }, "Keys"), make("span", { class: "push" }), close),
    make("dl", { class: "keys" }, ...KEYS.flatMap(([, shown, meaning]) => row(shown, meaning))),
    make("h3", {}, "Where the map has the focus"), make("dl", { class: "keys" }, ...IN_MAP.flatMap(([keys, meaning]) => row(keys, meaning))),
    make("p", { class: "faint" }, "A double click on the map zooms in. A click on a field shows the request that wrote it last."),
    make("label", { class: "row" }, isOn, "Single keys act on the page"));
  return dialog;
}

/** Makes keys act, and returns the button that lists them. */
export function makeKeys(app: App): HTMLElement {
  const isOn = make("input", { type: "checkbox", checked: true });
  const dialog = makeDialog(isOn);
  const button = make("button", { type: "button", "aria-haspopup": "dialog", id: "keys", title: "Keys (?)", ...keyed("?"), onclick: () => {
    if (!dialog.isConnected) document.body.append(dialog);
    dialog.showModal();
  } }, "Keys");
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || !isOn.checked || !app.session) return;
    if (!isTaken(event.target, event.key) && press(event.key)) event.preventDefault();
  });
  return button;
}
