import { make } from "../parts/dom.ts";
import type { App, Speaker } from "./app.ts";

/** Fills a region of the page, once. Its element is empty; the part follows the app from then on. */
export type Mount = (element: HTMLElement, app: App) => void;

/** The regions of the page, in the order in which they are read, with their headings. */
export const REGIONS = {
  timeline: "Timeline",
  clock: "Clock",
  map: "Memory",
  request: "Request",
  struct: "Fields",
  tools: "Tools",
  lists: "Lists",
} as const;
export type RegionName = keyof typeof REGIONS;

// Those beside the map, where there is room.
const SIDE: readonly RegionName[] = ["request", "struct"];

/** The page without contents. */
export interface Shell extends Speaker {
  /** The parts of the head of the page, from the left. */
  readonly title: HTMLElement;
  readonly search: HTMLElement;
  readonly settings: HTMLElement;
  readonly foot: HTMLElement;
  /** The body of a region. */
  readonly regions: Readonly<Record<RegionName, HTMLElement>>;
}

/** The place on the right of a region's heading, for its controls. */
export function actionsOf(body: HTMLElement): HTMLElement {
  const actions = body.parentElement?.querySelector<HTMLElement>(":scope > .region-head > .actions");
  if (!actions) throw new Error("not the body of a region");
  return actions;
}

function makeRegion(name: RegionName): { section: HTMLElement; body: HTMLElement } {
  const body = make("div", { class: "region-body" });
  const section = make("section", { id: name, class: `region region-${name}`, "aria-labelledby": `${name}-heading` },
    make("div", { class: "region-head" }, make("h2", { id: `${name}-heading` }, REGIONS[name]), make("div", { class: "actions" })),
    body);
  return { section, body };
}

const STATUS_SECONDS = 6;

// Sentences for a moment (role "status"), and errors, which stay until they are closed (role "alert").
function makeSpeaker(): Speaker & { element: HTMLElement } {
  const status = make("p", { role: "status", class: "status" });
  const alerts = make("div", { class: "alerts" });
  let timer = 0;
  return {
    element: make("div", { class: "speaker" }, alerts, status),
    say(text) {
      status.textContent = text;
      clearTimeout(timer);
      timer = window.setTimeout(() => { status.textContent = ""; }, STATUS_SECONDS * 1000);
    },
    fail(text) {
      if ([...alerts.children].some((old) => old.firstChild?.textContent === text)) return; // the same error again
      const alert = make("div", { role: "alert", class: "alert" }, make("p", {}, text),
        make("button", { type: "button", class: "plain", "aria-label": "Close this message", onclick: () => { alert.remove(); } }, "×"));
      alerts.append(alert);
    },
  };
}

/** Builds the page without contents into an element. */
export function makeShell(root: HTMLElement): Shell {
  const title = make("div", { class: "top-title" });
  const search = make("div", { class: "top-search", role: "search" });
  const settings = make("div", { class: "top-settings" });
  const foot = make("footer", { class: "foot" });
  const speaker = makeSpeaker();
  const regions = {} as Record<RegionName, HTMLElement>;
  const grid = make("div", { class: "regions" });
  const side = make("div", { class: "side" });
  for (const name of Object.keys(REGIONS) as RegionName[]) {
    const { section, body } = makeRegion(name);
    regions[name] = body;
    if (SIDE.includes(name)) side.append(section);
    else grid.append(section);
    if (name === "map") grid.append(side);
  }
  root.replaceChildren(make("header", { class: "top" }, title, search, settings), speaker.element, grid, foot);
  return { title, search, settings, foot, regions,
    say: (text) => { speaker.say(text); }, fail: (text) => { speaker.fail(text); } };
}
