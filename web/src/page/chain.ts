import { grouped } from "../parts/amounts.ts";
import { make, setState, setText } from "../parts/dom.ts";
import { showList } from "./event_item.ts";
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
class Arrow {
  readonly element = make("span", { class: "link-arrow", "aria-hidden": "true" });

  show(isDouble: boolean): void { setText(this.element, isDouble ? "⇄" : "→"); }
}

// A name with a detail, which need not be there.
class Named {
  readonly #name = make("span", { class: "mono" });
  readonly #detail = make("span", { class: "faint" });
  readonly elements = [this.#name, this.#detail];

  show(name: string, detail: string | undefined): void {
    setText(this.#name, name);
    this.#detail.hidden = detail === undefined;
    setText(this.#detail, detail ?? "");
  }
}

// An arrow and the box of a record, which is a button. It shows one record after another.
class Box {
  readonly #arrow = new Arrow();
  readonly #named = new Named();
  readonly button: HTMLButtonElement;
  readonly element: HTMLElement;
  #place: Selection | null = null;

  constructor(select: (place: Selection) => void) {
    this.button = make("button", { type: "button", tabindex: -1, onclick: () => { if (this.#place) select(this.#place); } }, ...this.#named.elements);
    this.element = make("li", { class: "chain-item" }, this.#arrow.element, this.button);
  }

  show({ name, detail, place, isChanged, isSelected }: Link, isDouble: boolean): void {
    this.#place = place;
    this.#arrow.show(isDouble);
    this.#named.show(name, detail);
    setState(this.button, "class", `link-box${isChanged ? " changed" : ""}${isSelected ? " selected" : ""}`);
    setState(this.button, "aria-label", `${name}${detail ? `, ${detail}` : ""}${isChanged ? ", changed" : ""}`);
    setState(this.button, "disabled", place === null);
  }
}

/** A list as boxes and arrows. It shows one list after another, and makes only the boxes that it lacks. */
export class ChainView {
  readonly element: HTMLElement;
  readonly #select: (place: Selection) => void;
  readonly #head = new Named();
  readonly #headBox = make("span", {}, ...this.#head.elements);
  readonly #links = make("ol", { class: "chain-links" });
  readonly #boxes: Box[] = [];
  readonly #restArrow = new Arrow();
  readonly #restCount = make("span", { class: "link-end" });
  readonly #rest = make("span", { class: "chain-item" }, this.#restArrow.element, this.#restCount);
  readonly #endArrow = new Arrow();
  readonly #end = make("span");

  constructor(select: (place: Selection) => void) {
    this.#select = select;
    this.element = make("div", { class: "chain-list" }, this.#headBox, this.#links, this.#rest,
      make("span", { class: "chain-item" }, this.#endArrow.element, this.#end));
    this.element.addEventListener("keydown", (event) => { this.#rove(event); });
  }

  /** No more than `most` records are drawn; the rest is counted. */
  show(chain: Chain, most: number): void {
    const { head, detail, links, isDouble, isRing } = chain;
    setState(this.#links, "aria-label", head);
    setState(this.#headBox, "class", `link-head-box${chain.isHeadChanged ? " changed" : ""}`);
    this.#head.show(head, detail);
    showList(this.#links, this.#boxes, links.slice(0, most), () => new Box(this.#select), (box, link, i) => { box.show(link, isDouble && (i > 0 || isRing)); });
    this.#rest.hidden = links.length <= most;
    this.#restArrow.show(isDouble);
    setText(this.#restCount, `${grouped(links.length - most)} more`);
    this.#endArrow.show(isDouble && isRing);
    setState(this.#end, "class", isRing ? "link-end" : "link-end mono");
    setState(this.#end, "aria-label", isRing ? "back to the head" : undefined);
    setText(this.#end, isRing ? "↺" : "NULL");
    this.#stop();
  }

  // The buttons that are shown and lead to a record.
  #buttons(): HTMLButtonElement[] {
    return this.#boxes.slice(0, this.#links.childElementCount).map(({ button }) => button).filter(({ disabled }) => !disabled);
  }

  // One stop for the Tab key, where the focus was or at the first box.
  #stop(wanted?: HTMLButtonElement): void {
    const buttons = this.#buttons();
    const stop = wanted ?? buttons.find(({ tabIndex }) => tabIndex === 0) ?? buttons[0];
    for (const { button } of this.#boxes) setState(button, "tabindex", button === stop ? "0" : "-1");
  }

  // The arrows go along the list.
  #rove(event: KeyboardEvent): void {
    const step = event.key === "ArrowRight" || event.key === "ArrowDown" ? 1 : event.key === "ArrowLeft" || event.key === "ArrowUp" ? -1 : 0;
    const buttons = this.#buttons();
    const at = buttons.findIndex((one) => one === document.activeElement);
    if (step === 0 || at < 0) return;
    event.preventDefault();
    event.stopPropagation();
    const next = buttons[Math.max(0, Math.min(buttons.length - 1, at + step))];
    this.#stop(next);
    next?.focus();
  }
}
