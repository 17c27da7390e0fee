import sources from "examples:source";
import { make, replace, type Child } from "../parts/dom.ts";
import { Editor } from "./editor.ts";
import { resultOf } from "./log.ts";
import type { Prompt } from "./prompt.ts";

/** A program of the folder examples/. */
export interface Example {
  name: string;
  /** The comment that it begins with. */
  about: string;
  text: string;
}

/** The examples, in the order of their names. */
export const examples: readonly Example[] = sources;

/** The list of the examples. */
export function exampleList(): Child {
  return make("div", {}, make("h2", { tabindex: -1 }, "Examples"),
    make("p", {}, "Programs that can be changed and run here. They are the files of the folder examples/ of pymalloc's source."),
    make("dl", { class: "example-list" }, ...examples.flatMap((example) => [
      make("dt", {}, make("a", { href: `#example=${example.name}`, id: `example-link-${example.name}` }, example.name.replaceAll("_", " "))),
      make("dd", { class: "faint" }, example.about)])));
}

/** One example: its text in an editor, and below what it printed. Undefined if there is none of this name. */
export function exampleView(name: string, prompt: Prompt): HTMLElement | undefined {
  const example = examples.find((one) => one.name === name);
  if (!example) return undefined;
  const output = make("div", { id: "example-output", role: "log", "aria-label": "Output of the example" });
  const editor = new Editor({ id: "example-editor", name: `Text of the example ${name}`, text: example.text, run: () => { void run(); } });
  async function run(): Promise<void> {
    replace(output, make("p", { class: "faint" }, "It runs…"));
    const result = await prompt.runFile(`${name}.lua`, editor.text);
    replace(output, ...result ? resultOf(result) : [make("p", { class: "error" }, "It was stopped; the prompt says what is lost.")]);
    if (output.childElementCount === 0) replace(output, make("p", { class: "faint" }, "It printed nothing."));
  }
  return make("div", {}, make("h2", { tabindex: -1 }, name.replaceAll("_", " ")), make("p", {}, example.about), editor.element,
    make("div", { class: "row" },
      make("button", { type: "button", class: "primary", id: "example-run", onclick: () => void run() }, "Run"),
      make("button", { type: "button", id: "example-start-button", onclick: () => { editor.text = example.text; } }, "Back to the first text"),
      make("a", { class: "button", href: "#examples" }, "All examples")), output);
}
