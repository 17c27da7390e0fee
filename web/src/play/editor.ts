import { make, replace } from "../parts/dom.ts";
import { tokens } from "./lua.ts";

const INDENT = "  ";

/** A field for Lua, with colours. Tab indents; after Escape, Tab leaves the field. Ctrl-Enter runs it, or grades it. */
export class Editor {
  readonly element: HTMLElement;
  readonly #field: HTMLTextAreaElement;
  readonly #colours: HTMLPreElement;
  #leaves = false;

  constructor(options: { id: string; name: string; text: string; runs?: string; run: () => void; changed?: (text: string) => void }) {
    this.#colours = make("pre", { "aria-hidden": "true" });
    const hint = `${options.id}-keys`;
    this.#field = make("textarea", { id: options.id, "aria-label": options.name, "aria-describedby": hint, spellcheck: "false",
      autocapitalize: "off", autocomplete: "off", wrap: "off" });
    this.element = make("div", { class: "editor" }, make("div", { class: "sheet" }, this.#colours, this.#field),
      make("p", { id: hint, class: "faint keys" }, `Ctrl-Enter ${options.runs ?? "runs"}; Tab indents; Escape, then Tab, leaves the field.`));
    this.#field.value = options.text;
    this.#field.addEventListener("input", () => { this.#paint(); options.changed?.(this.text); });
    this.#field.addEventListener("scroll", () => { this.#follow(); });
    this.#field.addEventListener("keydown", (event) => { this.#key(event, options.run); });
    this.#paint();
  }

  get text(): string {
    return this.#field.value;
  }

  set text(text: string) {
    this.#field.value = text;
    this.#field.dispatchEvent(new Event("input"));
  }

  focus(): void {
    this.#field.focus();
  }

  #paint(): void {
    replace(this.#colours, ...tokens(this.text).map((token) => make("span", { class: `lua-${token.kind}` }, token.text)), "\n");
    this.#field.rows = Math.max(4, Math.min(24, this.text.split("\n").length + 1));
    this.#follow();
  }

  // The colours are scrolled as the field is.
  #follow(): void {
    this.#colours.scrollTop = this.#field.scrollTop;
    this.#colours.scrollLeft = this.#field.scrollLeft;
  }

  #insert(text: string): void {
    this.#field.setRangeText(text, this.#field.selectionStart, this.#field.selectionEnd, "end");
    this.#field.dispatchEvent(new Event("input"));
  }

  // A new line begins with the blanks of the line before.
  #newLine(): void {
    const before = this.text.slice(0, this.#field.selectionStart);
    const blanks = /[^\n]*$/.exec(before)?.[0].match(/^ */)?.[0] ?? "";
    this.#insert("\n" + blanks);
  }

  #key(event: KeyboardEvent, run: () => void): void {
    const leaves = this.#leaves;
    this.#leaves = event.key === "Escape" || (leaves && event.key === "Shift");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
    else if (event.key === "Tab" && !event.shiftKey && !leaves) this.#insert(INDENT);
    else if (event.key === "Enter" && !event.shiftKey) this.#newLine();
    else return;
    event.preventDefault();
  }
}
