import { make } from "../parts/dom.ts";
import { GeometryForm } from "./geometry.ts";
import type { App } from "../page/app.ts";

/** The tool that replays the trace on a heap of another geometry. The moment stays the same. */
export function makeSettings(app: App): HTMLElement {
  const form = new GeometryForm(app, "Geometry of the heap");
  const name = make("p", {});
  const apply = async (): Promise<void> => {
    if (await form.check()) await app.setGeometry(form.options());
  };
  const button = make("button", { type: "submit" }, "Replay with this geometry");
  app.follow((change) => {
    if (change === "session" && app.session) name.textContent = `Now: ${app.session.geometry.name}.`;
  });
  return make("form", { class: "tool settings", onsubmit: (event) => {
    event.preventDefault();
    button.disabled = true;
    void apply().finally(() => { button.disabled = false; });
  } }, name, form.element, make("div", { class: "row" }, button));
}
