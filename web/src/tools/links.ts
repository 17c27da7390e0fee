import { grouped } from "../parts/amounts.ts";
import { make } from "../parts/dom.ts";
import type { Place } from "../facts.ts";
import type { App } from "../page/app.ts";

/** A button that looks like a link. */
export function link(text: string, click: () => void, title?: string): HTMLButtonElement {
  return make("button", { type: "button", class: "link", onclick: click, title }, text);
}

/** A link to the moment after a request. */
export function requestLink(app: App, op: number): HTMLButtonElement {
  return link(`request ${grouped(op)}`, () => { app.seek(op); }, "Go to this request");
}

/** A link that shows an arena, a pool or a block; plain text for a block of the raw allocator. */
export function placeLink(app: App, text: string, place: Place | null | undefined): Node {
  if (!place) return document.createTextNode(text);
  return link(text, () => { app.select(place); }, "Show this place");
}

/** Frames of a call stack as one text, the innermost first. */
export function whereText(where: readonly string[] | undefined): string {
  return where?.join(" ← ") ?? "";
}
