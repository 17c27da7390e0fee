import { make } from "../parts/dom.ts";
import type { App } from "../page/app.ts";
import { linkOf } from "../page/address.ts";
import { download, fileName } from "./download.ts";
import { makeProblem } from "./problem.ts";

interface Form {
  readonly label: string;
  readonly title: string;
  readonly call: string;
  readonly ending: (op: number) => string;
  readonly type: string;
}

const FORMS: readonly Form[] = [
  { label: "Picture (SVG)", title: "The heap at this moment, as pymalloc.view.svg draws it", call: "svg",
    ending: (op) => `-${op}.svg`, type: "image/svg+xml" },
  { label: "Snapshot (JSON)", title: "The heap at this moment, as heap:snapshot saves it", call: "snapshot",
    ending: (op) => `-${op}.json`, type: "application/json" },
  { label: "State (text)", title: "The heap at this moment, as heap:dump returns it", call: "dump",
    ending: (op) => `-${op}.txt`, type: "text/plain" },
  { label: "Trace", title: "All requests, as text", call: "text", ending: () => ".trace", type: "text/plain" },
];

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    throw new Error(`The browser does not let the page copy. The link is: ${text}`);
  }
}

/** The tool that saves what the page shows. */
export function makeSave(app: App): HTMLElement {
  const problem = makeProblem();
  const buttons = FORMS.map((form) => make("button", { type: "button", title: form.title, onclick: () => {
    void problem.guard(async () => {
      const { session, moment } = app;
      if (!session || !moment) return;
      const bytes = await app.inTurn(() => app.engine.bytes(form.call, session.session));
      download(fileName(session.name, form.ending(moment.op)), bytes, form.type);
    });
  } }, form.label));
  const link = make("button", { type: "button", title: "A link that opens this page at this moment", onclick: () => {
    void problem.guard(async () => {
      const address = new URL(location.href);
      address.hash = linkOf(app);
      await copy(address.href);
      app.say("The link is copied.");
    });
  } }, "Copy link");
  return make("div", { class: "tool save" }, make("div", { class: "row" }, "Save", ...buttons, link), problem.element);
}
