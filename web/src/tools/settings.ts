import { make } from "../parts/dom.ts";
import { makeComparison } from "../compare/compare.ts";
import { secondHeapOf } from "../compare/second.ts";
import { GeometryForm } from "./geometry.ts";
import { makeProblem } from "./problem.ts";
import type { App } from "../page/app.ts";

/** The tool that replays the trace on a heap of another geometry, or runs a second heap beside it. The moment stays the same. */
export function makeSettings(app: App): HTMLElement {
  const problem = makeProblem();
  const form = new GeometryForm(app, "Geometry of the heap");
  const second = secondHeapOf(app);
  const name = make("p", {});
  const button = (text: string, act: () => Promise<unknown>): HTMLButtonElement => {
    const element = make("button", { type: "button", onclick: () => {
      element.disabled = true;
      void problem.guard(async () => { if (await form.check()) await act(); }).finally(() => { element.disabled = false; });
    } }, text);
    return element;
  };
  app.follow((change) => {
    if (change === "session" && app.session) name.textContent = `The trace runs on a heap of CPython ${app.session.geometry.name}.`;
  });
  return make("div", { class: "tool settings" }, name, form.element, make("div", { class: "row" },
    button("Replay with this geometry", () => app.setGeometry(form.options())),
    button("Compare side by side", () => second.open(form.options()))), problem.element, makeComparison(app));
}
