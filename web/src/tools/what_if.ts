import { make, replace, type Child } from "../parts/dom.ts";
import type { Big, PoolFacts, WhatIf } from "../facts.ts";
import type { App } from "../page/app.ts";
import { placeLink } from "./links.ts";
import { makeProblem } from "./problem.ts";

/** The tool that shows what a free would do now. */
export interface WhatIfTool {
  readonly element: HTMLElement;
  /** Asks for the block of an id. */
  ask(id: Big): void;
}

/** An id that was typed: a number where a double has it exactly, otherwise the text as it is, which Lua checks. */
export function idOf(text: string): Big {
  return /^\d{1,15}$/.test(text.trim()) ? Number(text) : text.trim();
}

function answerNodes(app: App, what: WhatIf): Child[] {
  const place = what.place ? `${what.place.arena}:${what.place.pool}:${what.place.block ?? 0}` : "the raw allocator";
  const release = what.released === undefined ? "No arena would be released." : `Arena ${what.released} would be released.`;
  return [make("p", {}, `A free of block ${what.id} at `, placeLink(app, place, what.place), ` would cause these events. ${release}`),
    make("ol", { class: "events" }, ...what.events.map((event) => make("li", {}, make("code", {}, event.text)))),
    what.left_out > 0 ? make("p", { class: "faint" }, `${what.left_out} more are details that are not listed.`) : null];
}

// The id of the selected block, if it is live.
async function selectedId(app: App): Promise<Big | null> {
  const { arena, pool, block } = app.selection;
  if (arena === undefined || pool === undefined || block === undefined) return null;
  const facts = await app.ask<PoolFacts>("pool", arena, pool);
  return facts.blocks.find((one) => one.offset === block)?.id ?? null;
}

export function makeWhatIf(app: App): WhatIfTool {
  const problem = makeProblem();
  const results = make("div", { class: "results", "aria-live": "polite" });
  const input = make("input", { type: "text", inputmode: "numeric", "aria-label": "Id of the block", placeholder: "id", class: "number" });
  const clear = (): void => {
    app.setGhost(null);
    replace(results);
  };
  const ask = async (id: Big): Promise<void> => {
    input.value = String(id);
    const asked = await problem.guard(async () => {
      if (!app.session) return;
      const what = await app.ask<WhatIf>("whatIf", id);
      if (what.place) app.select(what.place);
      app.setGhost(what);
      replace(results, ...answerNodes(app, what), make("button", { type: "button", onclick: clear }, "Remove the marks"));
    });
    if (!asked) clear();
  };
  const form = make("form", { class: "row", onsubmit: (event) => {
    event.preventDefault();
    void ask(idOf(input.value));
  } }, make("label", {}, "What if I free the block with id ", input, "?"), make("button", { type: "submit" }, "Show"),
  make("button", { type: "button", onclick: () => {
    void problem.guard(async () => {
      const id = await selectedId(app);
      if (id === null) throw new Error("No live block is selected: choose one in a pool, or type an id.");
      await ask(id);
    });
  } }, "The selected block"));
  app.follow((change) => { if (change === "session" || change === "moment") clear(); });
  return { ask: (id) => { void ask(id); }, element: make("div", { class: "tool what-if" }, form,
    make("p", { class: "faint hint" }, "The heap does not change. The block, and the arena that would go, are marked on the map."), problem.element, results) };
}
