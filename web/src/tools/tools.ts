import { make } from "../parts/dom.ts";
import { secondHeapOf } from "../compare/second.ts";
import { makeFiles } from "../files/open.ts";
import type { App } from "../page/app.ts";
import { makeTyped } from "../typed/typed.ts";
import { makeConditions } from "./conditions.ts";
import { makePins } from "./pins.ts";
import { makeSave } from "./save.ts";
import { makeSettings } from "./settings.ts";
import { makeTabs } from "./tabs.ts";
import { makeWhatIf } from "./what_if.ts";

function panel(...children: HTMLElement[]): HTMLElement {
  return make("div", { class: "panel" }, ...children);
}

/** Fills the region of the tools. */
export function mountTools(element: HTMLElement, app: App): void {
  const whatIf = makeWhatIf(app);
  const tabs = makeTabs("Tools", [
    { name: "typed", title: "Type requests", panel: panel(makeTyped(app)) },
    { name: "find", title: "Go to", panel: panel(makeConditions(app)) },
    { name: "pins", title: "Pins", panel: panel(makePins(app, (id) => { whatIf.ask(id); }), whatIf.element) },
    { name: "geometry", title: "Geometry", panel: panel(makeSettings(app)) },
    { name: "files", title: "Open and save", panel: panel(makeFiles(app, () => { tabs.show("files"); }), makeSave(app)) },
  ]);
  element.append(tabs.element);
  const second = secondHeapOf(app);
  let isCompared = false;
  second.follow(() => {
    if (second.heap && !isCompared) tabs.show("geometry");
    isCompared = second.heap !== null;
  });
}
