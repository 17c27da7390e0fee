import { make } from "../parts/dom.ts";
import type { Session } from "../facts.ts";
import { GeometryForm } from "./geometry.ts";
import type { Host } from "./host.ts";
import { makeProblem } from "./problem.ts";

/** The tool that replays the trace on a heap of another geometry. The moment stays the same. */
export function makeSettings(host: Host): HTMLElement {
  const problem = makeProblem();
  const form = new GeometryForm(host, "Geometry of the heap");
  const name = make("p", {});
  const apply = async (): Promise<void> => {
    if (!host.session || !await form.check()) return;
    const op = host.moment?.op ?? 0;
    const session = await host.engine.call<Session>("reopen", host.session.session, { geometry: form.options() });
    await host.adopt(session);
    host.seek(op);
  };
  const button = make("button", { type: "submit" }, "Replay with this geometry");
  host.follow((change) => {
    if (change === "session" && host.session) name.textContent = `Now: ${host.session.geometry.name}.`;
  });
  return make("form", { class: "tool settings", onsubmit: (event) => {
    event.preventDefault();
    button.disabled = true;
    void problem.guard(apply).finally(() => { button.disabled = false; });
  } }, name, form.element, make("div", { class: "row" }, button), problem.element);
}
