import { make } from "../parts/dom.ts";

const STEPS: readonly (readonly [string, string])[] = [
  ["heap = pymalloc.heap { profile = \"classroom\" }", "makes a heap with small pools"],
  ["b = heap:malloc(24)", "requests a block of 24 bytes"],
  ["=b:pool()", "shows the pool that the block is in"],
  ["c = heap:malloc(24) b:free()", "requests another one, and frees the first"],
];

/** The text above the prompt, with statements to begin with. `run` runs one of them. */
export function welcome(run: (source: string) => void): HTMLElement {
  return make("div", { class: "welcome" },
    make("p", {}, "CPython's small-object allocator, written anew in C, runs in this page, with a prompt for Lua 5.4. Nothing is "
      + "sent to any server. The picture shows the heap after each statement."),
    make("p", {}, make("a", { class: "button primary", id: "begin", href: "#lesson=1" }, "Begin with lesson 1"),
      " or run these statements one after the other:"),
    make("ol", { class: "steps" }, ...STEPS.map(([source, words], i) => make("li", {},
      make("button", { type: "button", class: "code", id: `step-${i + 1}`, onclick: () => { run(source); } }, source),
      make("span", { class: "faint" }, words)))));
}
