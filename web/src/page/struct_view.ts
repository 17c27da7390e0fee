import type { Change, Field, RecordPlace, StructText } from "../facts.ts";
import { make, replace, setState, setText, type Child } from "../parts/dom.ts";
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

// The line of a field, with its value. What stays the same from moment to moment is made once.
class FieldLine {
  readonly element = make("div", { class: "c-line c-field" });
  readonly #name: string;
  readonly #actions: Actions;
  readonly #code: HTMLButtonElement;
  readonly #value = make("span", { class: "c-value mono" });
  #answer: HTMLElement | null = null;
  #shown = "";

  constructor(text: string, name: string, actions: Actions, ask: () => void) {
    const { code, comment } = splitLine(text);
    this.#name = name;
    this.#actions = actions;
    this.#code = make("button", { type: "button", class: "c-code mono", title: "Show the last write of this field", "aria-expanded": "false", onclick: ask }, code);
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
    const shown = JSON.stringify([field?.value, field?.stale, change?.before]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    replace(this.#value, change ? make("span", { class: "old" }, `${valueText(change.before)} → `) : null, field ? this.#valueOf(field) : null,
      field?.stale ? make("span", { class: "tag", title: "The stored value has no meaning in this state" }, "stale") : null);
  }

  #valueOf({ name, value }: Field): Child {
    const place = typeof value === "string" ? readPlace(value) : name === "nextarena" || name === "prevarena" ? (typeof value === "number" ? { arena: value } : null) : null;
    if (!place) return make("strong", {}, valueText(value));
    return make("button", { type: "button", class: "link", onclick: () => { this.#actions.select(place); } }, valueText(value));
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
