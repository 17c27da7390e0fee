import type { Engine } from "../engine/client.ts";
import type { OpenOptions } from "../facts.ts";
import { App } from "./app.ts";
import { applyLink, followAddress, linkNow } from "./address.ts";
import { PARTS } from "./parts.ts";
import type { Shell } from "./shell.ts";
import { makeHead } from "./head.ts";
import { secondHeapOf } from "../compare/second.ts";
import { whenIdle } from "../parts/idle.ts";
import type { HeapOptions } from "../tools/geometry.ts";
import { makeSearch } from "../tools/search.ts";

/** The options that say what the page shows first: the JSON of #pymalloc-options. */
export interface PageOptions extends OpenOptions {
  /** The first moment; a link of the reader says more. */
  op?: number;
  /** The options of a second heap, which is shown beside the first. */
  compare?: HeapOptions;
}

/** Where the trace of the page is in the engine's memory. */
export const TRACE = "page.trace";

/** What a page shows: the path of a trace in the engine's memory, or null for the empty heap, whose requests are typed. */
export interface Shown {
  path: string | null;
  options: PageOptions;
}

/** Builds the page, opens the trace and draws it. */
export async function start(shell: Shell, engine: Engine, shown: () => Promise<Shown>): Promise<App> {
  const app = new App(engine, shell);
  Object.assign(globalThis, { pymalloc: { app } }); // for the browser's console
  makeHead(shell, app);
  shell.search.append(makeSearch(app));
  for (const [name, mount] of PARTS) mount(shell.regions[name], app);
  matchMedia("print").addEventListener("change", () => { app.notify("theme"); }); // paper has the light colours
  const { path, options: { op, compare, ...open } } = await shown();
  const link = linkNow((problem) => { app.fail(problem); });
  const session = await (path === null ? app.openText("", open, op) : app.open(path, open, op));
  if (session && compare && link.compare === undefined) await app.guard(secondHeapOf(app).open(compare));
  if (session && location.hash !== "") await applyLink(app, link);
  followAddress(app);
  document.documentElement.dataset["ready"] = session ? "true" : "failed";
  whenIdle(() => { void app.warmUp(); });
  return app;
}
