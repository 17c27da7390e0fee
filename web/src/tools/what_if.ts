import { make, replace, type Child } from "../parts/dom.ts";
import type { Big, PoolFacts, WhatIf } from "../facts.ts";
import type { Host } from "./host.ts";
import { placeLink } from "./links.ts";
import { makeProblem } from "./problem.ts";

/** The tool that shows what a free would do now. */
export interface WhatIfTool {
  readonly element: HTMLElement;
  /** Asks for the block of an id. */
  ask(id: Big): void;
}

// An id that was typed: a number where a double has it exactly, otherwise its digits.
export function idOf(text: string): Big {
  const number = Number(text);
  return Number.isSafeInteger(number) && text.trim() !== "" ? number : text.trim();
}

function answerNodes(host: Host, what: WhatIf): Child[] {
  const place = what.place ? `${what.place.arena}:${what.place.pool}:${what.place.block ?? 0}` : "the raw allocator";
  const release = what.released === undefined ? "No arena would be released." : `Arena ${what.released} would be released.`;
  return [make("p", {}, `A free of block ${what.id} at `, placeLink(host, place, what.place), ` would cause these events. ${release}`),
    make("ol", { class: "events" }, ...what.events.map((event) => make("li", {}, make("code", {}, event.text)))),
    what.left_out > 0 ? make("p", { class: "faint" }, `${what.left_out} more are details that are not listed.`) : null];
}

// The id of the selected block, if it is live.
async function selectedId(host: Host): Promise<Big | null> {
  const { session, selection } = host;
  if (!session || selection?.pool === undefined || selection.block === undefined) return null;
  const pool = await host.engine.call<PoolFacts>("pool", session.session, selection.arena, selection.pool);
  return pool.blocks.find((block) => block.offset === selection.block)?.id ?? null;
}

export function makeWhatIf(host: Host): WhatIfTool {
  const problem = makeProblem();
  const results = make("div", { class: "results", "aria-live": "polite" });
  const input = make("input", { type: "text", inputmode: "numeric", "aria-label": "Id of the block", placeholder: "id", class: "number" });
  const clear = (): void => {
    host.ghost(null);
    replace(results);
  };
  const ask = async (id: Big): Promise<void> => {
    input.value = String(id);
    const asked = await problem.guard(async () => {
      if (!host.session) return;
      const what = await host.engine.call<WhatIf>("whatIf", host.session.session, id);
      if (what.place) host.select(what.place);
      host.ghost(what);
      replace(results, ...answerNodes(host, what), make("button", { type: "button", onclick: clear }, "Take the ghost away"));
    });
    if (!asked) clear();
  };
  const form = make("form", { class: "row", onsubmit: (event) => {
    event.preventDefault();
    void ask(idOf(input.value));
  } }, make("label", {}, "What if I free the block with id ", input, "?"), make("button", { type: "submit" }, "Show"),
  make("button", { type: "button", onclick: () => {
    void problem.guard(async () => {
      const id = await selectedId(host);
      if (id === null) throw new Error("No live block is selected: choose one in a pool, or type an id.");
      await ask(id);
    });
  } }, "The selected block"));
  host.follow((change) => { if (change !== "selection") clear(); });
  return { ask: (id) => { void ask(id); }, element: make("div", { class: "tool what-if" }, form,
    make("p", { class: "faint hint" }, "The heap does not change. The block, and the arena that would go, are marked on the map."), problem.element, results) };
}
