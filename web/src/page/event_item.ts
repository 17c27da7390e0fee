import type { Change, Event, FieldValue } from "../facts.ts";
import { make, setState, setText } from "../parts/dom.ts";

const CHANGES_SHOWN = 12;

/** A value of a field as people read it. */
export function valueText(value: FieldValue): string {
  return value === null ? "none" : value === "-" ? "NULL" : String(value);
}

/** The field of a change: with its record, unless the event is about that record. */
export function fieldText({ of, record, name }: Change, event: Event): string {
  const place = event.place;
  const own = place ? `${place.arena}:${place.pool}` : "";
  const isOwn = (of === "pool" && record === own) || (of === "heap") || (of === "block" && record === `${own}:${place?.block ?? ""}`)
    || (of === "arena" && !place && record === `arena ${event.arena ?? ""}`);
  return isOwn ? name : `${record}.${name}`;
}

function aboutText({ place, arena }: Event): string {
  if (place) return [place.arena, place.pool, place.block].filter((part) => part !== undefined).join(":");
  return arena === null ? "" : `arena ${arena}`;
}

// A line with the change of a field. It shows one change after another.
class ChangeLine {
  readonly #name = make("span", { class: "faint" });
  readonly #before = make("span", { class: "old" });
  readonly #after = make("strong");
  readonly element = make("li", {}, this.#name, this.#before, " → ", this.#after);

  show(change: Change, event: Event): void {
    setText(this.#name, `${fieldText(change, event)} `);
    setText(this.#before, valueText(change.before));
    setText(this.#after, valueText(change.after));
  }
}

/** Shows elements of a list by as many items as there are elements; more items are made where they are needed. */
export function showList<Element, Item extends { readonly element: HTMLElement }>(list: HTMLElement, items: Item[], elements: readonly Element[],
  make: (i: number) => Item, show: (item: Item, element: Element, i: number) => void): void {
  elements.forEach((element, i) => {
    const item = items[i] ?? (items[i] = make(i));
    show(item, element, i);
    if (list.children[i] !== item.element) list.append(item.element);
  });
  while (list.childElementCount > elements.length) list.lastElementChild?.remove();
}

/** An event of the request, which is a button that goes to it. It shows one event after another. */
export class EventItem {
  readonly element: HTMLElement;
  readonly #button: HTMLButtonElement;
  readonly #kind = make("span", { class: "event-kind" });
  readonly #about = make("code", { class: "faint" });
  readonly #changes = make("ul", { class: "changes mono" });
  readonly #lines: ChangeLine[] = [];

  constructor(i: number, choose: () => void) {
    this.#button = make("button", { type: "button", class: "plain", onclick: choose }, make("span", { class: "event-number" }, i), this.#kind, this.#about);
    this.element = make("li", { class: "event" }, this.#button, this.#changes);
  }

  show(event: Event, state: "done" | "present" | "pending", meaning: string): void {
    setState(this.element, "class", `event ${state}`);
    setState(this.#button, "aria-current", state === "present" ? "step" : undefined);
    setState(this.#button, "title", meaning);
    setText(this.#kind, event.kind);
    setText(this.#about, aboutText(event));
    this.#changes.hidden = event.fields.length === 0;
    showList(this.#changes, this.#lines, event.fields.slice(0, CHANGES_SHOWN), () => new ChangeLine(), (line, change) => { line.show(change, event); });
  }
}
