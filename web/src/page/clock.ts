import { grouped } from "../parts/amounts.ts";
import { make, replace, setText } from "../parts/dom.ts";
import type { App } from "./app.ts";
import { keyed } from "./keys.ts";

const JUMPS = [["|◀", "First request", "Home", "go-first"], ["◀", "Previous request", "j", "go-previous"],
  ["▶", "Next request", "l", "go-next"], ["▶|", "Last request", "End", "go-last"]] as const;
const KIND_FIRST = "arena_new";

function go(app: App, jump: number): void {
  const { session } = app;
  if (!session) return;
  if (jump === 0) app.seek(session.from);
  else if (jump === 3) app.seek(session.to);
  else app.move(jump === 1 ? -1 : 1);
}

// The buttons, and the number of the request, which can be typed.
function makeTransport(app: App): HTMLElement {
  const buttons = JUMPS.map(([sign, name, key, id], i) => make("button", { type: "button", id, "aria-label": name, title: `${name} (${key.toUpperCase()})`, ...keyed(key),
    onclick: () => { go(app, i); } }, sign));
  const number = make("input", { type: "text", inputmode: "numeric", class: "number", id: "request-number", "aria-label": "Number of the request",
    autocomplete: "off", size: 9 });
  const total = make("span", { class: "faint" });
  const form = make("form", { class: "row clock-number" }, number, total);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = number.value.replace(/[\s,]/g, "");
    if (/^\d+$/.test(text)) app.seek(Number(text));
    else app.fail(new RangeError(`The number of a request has digits only, from ${app.session?.from ?? 0} to ${app.session?.to ?? 0}.`));
  });
  app.follow((change) => {
    const { moment, session } = app;
    if ((change !== "moment" && change !== "session") || !moment || !session) return;
    number.value = grouped(moment.op);
    setText(total, `of ${grouped(session.to)}`);
    buttons.forEach((button, i) => { button.disabled = i < 2 ? moment.op <= session.from : moment.op >= session.to; });
  });
  return make("div", { class: "row" }, make("span", { class: "group", role: "group", "aria-label": "Move the moment" }, ...buttons), form);
}

// The request just done.
function makeRequest(app: App): HTMLElement {
  const [line, operation, address] = [make("code"), make("span"), make("code", { class: "faint" })];
  const none = make("span", { class: "faint" });
  const element = make("p", { class: "clock-request", id: "request-text" }, line, operation, address, none);
  app.follow((change) => {
    const { moment, session } = app;
    if ((change !== "moment" && change !== "session") || !moment || !session) return;
    const { request } = moment;
    while (none.nextSibling) none.nextSibling.remove();
    for (const part of [line, operation]) part.hidden = request === null;
    address.hidden = !request?.address;
    none.hidden = request !== null;
    setText(none, moment.op === 0 ? "No request is done yet." : "");
    if (!request) return;
    const bytes = request.bytes === undefined ? "" : `, ${grouped(request.bytes)} bytes`;
    setText(line, request.text);
    setText(operation, `${request.operation} of id ${request.id}${bytes}`);
    setText(address, `${request.letter === "f" ? "was" : "→"} ${request.address ?? ""}`);
    element.append(...moment.marks.map((mark) => make("span", { class: "tag" }, mark)));
  });
  return element;
}

// The next and the previous request with an event of a kind.
function makeKinds(app: App): HTMLElement {
  const kinds = make("select", { id: "kind", "aria-label": "Kind of event", title: "Kind of event" });
  const button = (text: string, name: string, direction: 1 | -1): HTMLElement => make("button", { type: "button", id: direction < 0 ? "kind-previous" : "kind-next", "aria-label": name,
    title: `${name} (${direction < 0 ? "P" : "N"})`, ...keyed(direction < 0 ? "p" : "n"),
    onclick: () => { app.continue(kinds.value, direction); } }, text);
  app.follow((change) => {
    if (change !== "session" || !app.session || kinds.options.length > 0) return;
    replace(kinds, ...app.session.kinds.filter(({ name }) => name !== "request").map(({ name, meaning }) => make("option", { value: name, title: meaning }, name)));
    kinds.value = KIND_FIRST;
  });
  return make("div", { class: "row clock-kinds" }, kinds, make("span", { class: "group" },
    button("◀", "Previous request with an event of this kind", -1), button("▶", "Next request with an event of this kind", 1)));
}

/** Fills the region of the clock. */
export function mountClock(element: HTMLElement, app: App): void {
  element.append(make("div", { class: "clock" }, makeTransport(app), makeRequest(app), makeKinds(app)));
}
