import { secondHeapOf } from "../compare/second.ts";
import type { App } from "./app.ts";
import { readLink, viewOf, writeLink, type Link } from "./link.ts";

// The page's address is written at most this often: browsers limit it.
const WRITE_MS = 250;

/** The link in an address, which is the page's if none is given; each problem of it goes to a function. */
export function linkNow(tell: (problem: string) => void, address = location.href): Link {
  const { link, problems } = readLink(new URL(address).hash);
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
  const { options } = secondHeapOf(app);
  if (options !== undefined) link.compare = options && { ...options };
  return writeLink(link);
}

function isSame(one: Readonly<Record<string, unknown>>, other: Readonly<Record<string, unknown>>): boolean {
  return JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());
}

// Opens the second heap that a link names, or takes it away; undefined: it stays as it is.
async function applySecond(app: App, wanted: Link["compare"]): Promise<void> {
  const second = secondHeapOf(app);
  if (wanted === null) await app.guard(second.close());
  else if (wanted && !isSame(wanted, second.options ?? {})) await app.guard(second.open(wanted));
}

/** Shows what a link says. */
export async function applyLink(app: App, link: Link): Promise<void> {
  if (!isSame(link.geometry, app.geometry)) await app.setGeometry(link.geometry);
  await applySecond(app, link.compare);
  await app.goTo(link.op ?? app.moment?.op ?? 0, link.selection ?? null, link.step ?? null, link.view);
}

/** From now on the page's address follows the app, and the app follows the address. */
export function followAddress(app: App): void {
  let timer = 0;
  const write = (): void => {
    const hash = linkOf(app);
    if (location.hash.replace(/^#/, "") !== hash) history.replaceState(null, "", `#${hash}`);
  };
  const later = (): void => {
    clearTimeout(timer); // of many changes in a row, only the last is written: it takes a browser milliseconds
    timer = window.setTimeout(write, WRITE_MS);
  };
  app.follow((change) => { if (change !== "theme") later(); });
  secondHeapOf(app).follow(later);
  window.addEventListener("hashchange", ({ newURL }) => { // write() may have run between the reader's change and this event
    void applyLink(app, linkNow((problem) => { app.fail(problem); }, newURL));
  });
}
