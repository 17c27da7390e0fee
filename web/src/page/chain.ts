import { grouped } from "../parts/amounts.ts";
import { make } from "../parts/dom.ts";
import type { Selection } from "./link.ts";

/** A record on a list. */
export interface Link {
  readonly name: string;
  readonly detail?: string;
  readonly place: Selection | null;
  readonly isChanged: boolean;
  readonly isSelected: boolean;
}

/** A list of CPython: its head, its records in order, and how it ends. */
export interface Chain {
  readonly head: string;
  readonly detail?: string;
  readonly isHeadChanged: boolean;
  readonly links: readonly Link[];
  /** Do the links go both ways, and does the last one go back to the head? */
  readonly isDouble: boolean;
  readonly isRing: boolean;
}

// Text, because each element of SVG costs the browser a layer of its own when it paints.
function arrow(isDouble: boolean): HTMLElement {
  return make("span", { class: "link-arrow", "aria-hidden": "true" }, isDouble ? "⇄" : "→");
}

function box(link: Link, select: (place: Selection) => void): HTMLElement {
  const { place } = link;
  const name = `${link.name}${link.detail ? `, ${link.detail}` : ""}${link.isChanged ? ", changed" : ""}`;
  return make("button", { type: "button", class: `link-box${link.isChanged ? " changed" : ""}${link.isSelected ? " selected" : ""}`, tabindex: -1,
    "aria-label": name, disabled: place === null, onclick: () => { if (place) select(place); } },
  make("span", { class: "mono" }, link.name), link.detail ? make("span", { class: "faint" }, link.detail) : null);
}

// One stop for the Tab key; the arrows go along the list.
function rove(list: HTMLElement): void {
  const boxes = (): HTMLButtonElement[] => [...list.querySelectorAll<HTMLButtonElement>("button:not(:disabled)")];
  boxes()[0]?.setAttribute("tabindex", "0");
  list.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowRight" || event.key === "ArrowDown" ? 1 : event.key === "ArrowLeft" || event.key === "ArrowUp" ? -1 : 0;
    const all = boxes();
    const at = all.findIndex((one) => one === document.activeElement);
    if (step === 0 || at < 0) return;
    event.preventDefault();
    event.stopPropagation();
    all.forEach((one) => { one.setAttribute("tabindex", "-1"); });
    const next = all[Math.max(0, Math.min(all.length - 1, at + step))];
    next?.setAttribute("tabindex", "0");
    next?.focus();
  });
}

/** Draws a list as boxes and arrows. No more than `most` records are drawn; the rest is counted. */
export function drawChain(chain: Chain, most: number, select: (place: Selection) => void): HTMLElement {
  const shown = chain.links.slice(0, most);
  const left = chain.links.length - shown.length;
  const item = (isDouble: boolean, ...children: Node[]): HTMLElement => make("li", {}, arrow(isDouble), ...children);
  const end = chain.isRing ? make("span", { class: "link-end", "aria-label": "back to the head" }, "↺") : make("span", { class: "link-end mono" }, "NULL");
  const list = make("ol", { class: "chain-list", "aria-label": chain.head },
    make("li", {}, make("span", { class: `link-head-box${chain.isHeadChanged ? " changed" : ""}` }, make("span", { class: "mono" }, chain.head),
      chain.detail ? make("span", { class: "faint" }, chain.detail) : null)),
    ...shown.map((link, i) => item(chain.isDouble && (i > 0 || chain.isRing), box(link, select))),
    left > 0 ? item(chain.isDouble, make("span", { class: "link-end" }, `${grouped(left)} more`)) : null,
    item(chain.isDouble && chain.isRing, end));
  rove(list);
  return list;
}
