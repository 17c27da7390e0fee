import type { App } from "./app.ts";
import { readLink, viewOf, writeLink, type Link } from "./link.ts";

// The page's address is written at most this often: browsers limit it.
const WRITE_MS = 250;

/** The link in the page's address; each problem of it goes to a function. */
export function linkNow(tell: (problem: string) => void): Link {
  const { link, problems } = readLink(location.hash);
  problems.forEach(tell);
  return link;
}

/** The link to what the page shows. */
export function linkOf(app: App): string {
  const { session, moment, selection, step, view } = app;
  const link: Link = { geometry: { ...app.geometry } };
  if (!app.isFollowing) link.selection = selection;
  if (view !== (link.selection ? viewOf(link.selection) : "heap")) link.view = view;
  if (moment && session) link.op = moment.op;
  if (step !== null) link.step = step;
  return writeLink(link);
}

function isSame(one: Readonly<Record<string, unknown>>, other: Readonly<Record<string, unknown>>): boolean {
  return JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());
}

/** Shows what a link says. */
export async function applyLink(app: App, link: Link): Promise<void> {
  if (!isSame(link.geometry, app.geometry)) await app.setGeometry(link.geometry);
  await app.goTo(link.op ?? app.moment?.op ?? 0, link.selection ?? null, link.step ?? null, link.view);
}

/** From now on the page's address follows the app, and the app follows the address. */
export function followAddress(app: App): void {
  let timer = 0;
  const write = (): void => {
    const hash = linkOf(app);
    if (location.hash.replace(/^#/, "") !== hash) history.replaceState(null, "", `#${hash}`);
  };
  app.follow((change) => {
    if (change === "theme") return;
    clearTimeout(timer); // of many changes in a row, only the last is written: it takes a browser milliseconds
    timer = window.setTimeout(write, WRITE_MS);
  });
  window.addEventListener("hashchange", () => {
    void applyLink(app, linkNow((problem) => { app.fail(problem); }));
  });
}
