import { make, replace } from "../parts/dom.ts";
import type { App } from "../page/app.ts";

/** The sentences on what of the trace is left out or changed. They stay as long as the session is shown. */
export function makeNotices(app: App): HTMLElement {
  const element = make("ul", { class: "notices", "aria-label": "Notices on this trace", hidden: true });
  app.follow((change) => {
    if (change !== "session") return;
    const notices = app.session?.notices ?? [];
    replace(element, ...notices.map((text) => make("li", {}, text)));
    element.hidden = notices.length === 0;
  });
  return element;
}
