// What was run at the prompt, and what it printed.

import { make, type Child } from "../parts/dom.ts";
import type { Result } from "./facts.ts";

const MOST_ENTRIES = 200;

/** The entries, the newest at the end. Of more than 200, the oldest are removed. */
export class Log {
  readonly element: HTMLElement;

  constructor(id: string, name: string) {
    this.element = make("div", { id, class: "log", role: "log", "aria-label": name, "aria-live": "polite", tabindex: 0 });
  }

  /** Adds an entry. */
  add(...children: Child[]): void {
    this.element.append(make("div", { class: "entry" }, ...children));
    while (this.element.childElementCount > MOST_ENTRIES) this.element.firstElementChild?.remove();
    this.element.scrollTop = this.element.scrollHeight;
  }

  clear(): void {
    this.element.replaceChildren();
  }
}

/** What a statement printed, and its error. */
export function resultOf(result: Result): Child[] {
  return [
    result.output === "" ? null : make("pre", { class: "output" }, result.output.replace(/\n$/, "")),
    result.error === undefined ? null : make("pre", { class: "error" }, result.error),
    result.lost === undefined ? null : make("p", { class: "hint" },
      `The variable ${result.lost} ended with its line. Leave out "local" to keep it.`)];
}
