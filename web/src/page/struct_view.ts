import type { Change, Field, RecordPlace, StructText } from "../facts.ts";
import { make, setState, setText } from "../parts/dom.ts";
import { readPlace, type Selection } from "./link.ts";
import { valueText } from "./event_item.ts";

/** A struct with its record's values. */
export interface Shown {
  of: "pool" | "arena";
  record: string;
  place: RecordPlace;
  heading: string;
  struct: StructText;
  header: readonly Field[];
}

/** The last write of a field of a record, such as "0:4096.freeblock", in a sentence. */
export interface Answer { readonly key: string; readonly sentence: HTMLElement }

/** What the lines of a struct do. */
export interface Actions {
  select(place: Selection): void;
  ask(one: Shown, field: string): void;
}

/** The declaration and the comment of a line of C. */
export function splitLine(text: string): { code: string; comment: string } {
  const [, code = text, comment = ""] = /^(.*?)\s*\/\*\s*(.*?)\s*\*\/\s*$/.exec(text) ?? [];
  return { code, comment };
}

/** The name of a field of a record. */
export function fieldKey(record: string, field: string): string {
  return `${record}.${field}`;
}

// Shows a text in an element; an empty one hides it.
function show(element: HTMLElement, text: string): void {
  element.hidden = text === "";
  setText(element, text);
}

// The record to which a field leads; null for one that holds a number or NULL.
function placeOf({ name, value }: Field): Selection | null {
  if (typeof value === "string") return readPlace(value);
  return typeof value === "number" && (name === "nextarena" || name === "prevarena") ? { arena: value } : null;
}

// The line of a field, with its value. What stays the same from moment to moment is made once.
class FieldLine {
  readonly element = make("div", { class: "c-line c-field" });
  readonly #name: string;
  readonly #code: HTMLButtonElement;
  readonly #value = make("span", { class: "c-value mono" });
  readonly #old = make("span", { class: "old", hidden: true });
  readonly #plain = make("strong", { hidden: true });
  readonly #link: HTMLButtonElement;
  readonly #tag = make("span", { class: "tag", title: "The stored value has no meaning in this state", hidden: true }, "stale");
  #place: Selection | null = null;
  #answer: HTMLElement | null = null;

  constructor(text: string, name: string, actions: Actions, ask: () => void) {
    const { code, comment } = splitLine(text);
    this.#name = name;
    this.#code = make("button", { type: "button", class: "c-code mono", title: "Show the last write of this field", "aria-expanded": "false", onclick: ask }, code);
    this.#link = make("button", { type: "button", class: "link", hidden: true, onclick: () => { if (this.#place) actions.select(this.#place); } });
    this.#value.append(this.#old, this.#plain, this.#link, this.#tag);
    this.element.append(this.#code, ...comment ? [make("span", { class: "c-comment" }, comment)] : [], this.#value);
  }

  show(record: string, field: Field | undefined, change: Change | undefined, answer: Answer | null): void {
    const key = fieldKey(record, this.#name);
    setState(this.element, "class", `c-line c-field${change ? " changed" : ""}${field?.stale ? " stale" : ""}`);
    setState(this.#code, "data-field", key);
    setState(this.#code, "disabled", !field);
    this.#showValue(field, change);
    this.#showAnswer(answer?.key === key ? answer.sentence : null);
  }

  #showValue(field: Field | undefined, change: Change | undefined): void {
    this.#place = field ? placeOf(field) : null;
    show(this.#old, change ? `${valueText(change.before)} → ` : "");
    show(this.#plain, field && !this.#place ? valueText(field.value) : "");
    show(this.#link, field && this.#place ? valueText(field.value) : "");
    this.#tag.hidden = !field?.stale;
  }

  #showAnswer(sentence: HTMLElement | null): void {
    setState(this.#code, "aria-expanded", String(sentence !== null));
    if (sentence === (this.#answer?.firstChild ?? null)) return;
    this.#answer?.remove();
    this.#answer = sentence && make("div", { class: "c-answer", role: "status" }, sentence);
    if (this.#answer) this.element.append(this.#answer);
  }
}

/** A struct of CPython with the values of one record after another. */
export class StructView {
  readonly element: HTMLElement;
  readonly #lines = new Map<string, FieldLine>();
  readonly #heading = make("h3");
  readonly #note = make("p", { class: "faint" }, "Its memory was never written: it has no header yet.");
  readonly #title: string;
  #one: Shown;

  constructor(one: Shown, actions: Actions) {
    this.#one = one;
    this.#title = one.struct.title;
    const lines = one.struct.lines.map(({ text, field }) => {
      if (field === undefined) return make("div", { class: "c-line" }, make("code", {}, text));
      const line = new FieldLine(text, field, actions, () => { actions.ask(this.#one, field); });
      this.#lines.set(field, line);
      return line.element;
    });
    this.element = make("section", { class: "struct" },
      make("div", { class: "struct-head" }, this.#heading, make("span", { class: "faint" }, this.#title.replace(/^struct \w+,? ?/, ""))),
      make("div", { class: "c-struct" }, ...lines), this.#note);
  }

  /** Is it the declaration of this record? Versions of CPython declare it otherwise. */
  declares({ struct }: Shown): boolean {
    return struct.title === this.#title;
  }

  show(one: Shown, changes: readonly Change[], answer: Answer | null): void {
    this.#one = one;
    setState(this.element, "aria-label", one.heading);
    setText(this.#heading, one.heading);
    const own = changes.filter(({ of, record }) => of === one.of && record === one.record);
    for (const [name, line] of this.#lines) {
      line.show(one.record, one.header.find((field) => field.name === name), own.find((change) => change.name === name), answer);
    }
    this.#note.hidden = one.header.length > 0;
  }
}
