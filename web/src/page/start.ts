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

/** Opens the trace and draws the page. `trace` is null for the empty heap, whose requests are typed. */
export async function start(shell: Shell, engine: Engine, trace: string | null, options: PageOptions): Promise<App> {
  const app = new App(engine, shell);
  Object.assign(globalThis, { pymalloc: { app } }); // for the browser's console
  makeHead(shell, app);
  shell.search.append(makeSearch(app));
  for (const [name, mount] of PARTS) mount(shell.regions[name], app);
  matchMedia("print").addEventListener("change", () => { app.notify("theme"); }); // paper has the light colours
  const { op, compare, ...open } = options;
  const link = linkNow((problem) => { app.fail(problem); });
  const session = await (trace === null ? app.openText("", open, op) : app.open(trace, open, op));
  if (session && compare && link.compare === undefined) await app.guard(secondHeapOf(app).open(compare));
  if (session && location.hash !== "") await applyLink(app, link);
  followAddress(app);
  document.documentElement.dataset["ready"] = session ? "true" : "failed";
  whenIdle(() => { void app.warmUp(); });
  return app;
}
