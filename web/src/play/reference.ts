import { make, replace, type Child } from "../parts/dom.ts";
import type { Help } from "./facts.ts";
import type { Runner } from "./runner.ts";

/** The reference: a field for a part of a name, the names that have it, and the help on one of them. */
export class Reference {
  readonly element: HTMLElement;
  readonly #runner: Runner;
  readonly #names = make("ul", { class: "names", id: "reference-names" });
  readonly #text = make("pre", { class: "help", id: "reference-text", tabindex: 0, role: "status", "aria-label": "Help" });
  #all: readonly string[] = [];

  constructor(runner: Runner) {
    this.#runner = runner;
    const field = make("input", { type: "search", id: "reference-search", placeholder: "a part of a name", "aria-label": "Find a name" });
    field.addEventListener("input", () => { this.#list(field.value); });
    this.element = make("div", { class: "reference" }, make("h2", { tabindex: -1 }, "Reference"),
      make("p", {}, "The functions, methods and types of the library. At the prompt, help \"heap:malloc\" writes the same."),
      field, make("div", { class: "columns" }, this.#names, this.#text));
    this.#text.hidden = true;
  }

  /** Shows the help on a name, or only the list. */
  async show(name: string): Promise<void> {
    if (this.#all.length === 0) {
      this.#all = (await this.#runner.call<Help>("help", "")).names;
      this.#list("");
    }
    if (name === "") return;
    const help = await this.#runner.call<Help>("help", name);
    this.#text.hidden = false;
    replace(this.#text, help.text ?? `There is no help on ${name}.`);
  }

  #list(part: string): void {
    const wanted = part.trim().toLowerCase();
    const shown = this.#all.filter((name) => name.toLowerCase().startsWith(wanted)
      || name.toLowerCase().replace(/^pymalloc\./, "").includes(wanted));
    const rows: Child[] = shown.map((name) => make("li", {}, make("a", { href: `#reference=${encodeURIComponent(name)}` }, name)));
    replace(this.#names, ...rows.length > 0 ? rows : [make("li", { class: "faint" }, "No name has this part.")]);
  }
}
