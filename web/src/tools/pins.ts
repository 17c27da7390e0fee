import { bytesText, counted, grouped } from "../parts/amounts.ts";
import { make, replace, type Child } from "../parts/dom.ts";
import type { PinnedBlock, Pins } from "../facts.ts";
import type { App } from "../page/app.ts";
import { link, placeLink, requestLink, whereText } from "./links.ts";
import { makeProblem } from "./problem.ts";

const ROWS = 200;

const TEXTS = ["place", "who asked"]; // columns whose cells are at the left

function head(...names: string[]): HTMLElement {
  return make("thead", {}, make("tr", {}, ...names.map((name) => make("th", { scope: "col", class: TEXTS.includes(name) ? "text" : undefined }, name))));
}

function blockRow(app: App, block: PinnedBlock, hasSites: boolean, ask: (id: PinnedBlock["id"]) => void): HTMLElement {
  return make("tr", {},
    make("td", {}, grouped(block.id)), make("td", {}, grouped(block.bytes)),
    make("td", {}, requestLink(app, block.request)), make("td", { class: "text" }, placeLink(app, block.address, block.place)),
    hasSites ? make("td", { class: "text" }, whereText(block.where)) : null,
    make("td", {}, link("what if freed?", () => { ask(block.id); })));
}

function siteTable(pins: Pins): HTMLElement {
  return make("details", {}, make("summary", {}, `Who asked, over all arenas (${counted(pins.rows.length, "call site")})`),
    make("div", { class: "scroll" }, make("table", { class: "numbers" }, head("who asked", "arenas", "alone", "blocks", "bytes"),
      make("tbody", {}, ...pins.rows.slice(0, ROWS).map((row) => make("tr", {},
        make("th", { scope: "row", class: "text" }, row.where), make("td", {}, grouped(row.arenas)), make("td", {}, grouped(row.alone)),
        make("td", {}, grouped(row.blocks)), make("td", {}, bytesText(row.bytes))))))));
}

/** The list of the live blocks that keep an arena. */
function pinNodes(app: App, pins: Pins, ask: (id: PinnedBlock["id"]) => void): Child[] {
  const hasSites = app.session?.has_sites ?? false;
  const shown = pins.blocks.slice(0, ROWS);
  const left = pins.left_out + pins.blocks.length - shown.length;
  const text = pins.slot === null ? "No arena has a live block."
    : `After request ${grouped(app.moment?.op ?? 0)}, arena ${pins.slot} is kept by ${counted(pins.blocks.length + pins.left_out, "live block")}.`;
  return [make("p", {}, text), shown.length === 0 ? null : make("div", { class: "scroll" }, make("table", { class: "numbers" },
    head("id", "bytes", "request", "place", ...(hasSites ? ["who asked"] : []), ""),
    make("tbody", {}, ...shown.map((block) => blockRow(app, block, hasSites, ask))))),
  left > 0 ? make("p", { class: "faint" }, `${grouped(left)} more not listed.`) : null, hasSites ? siteTable(pins) : null];
}

/** The tool that tells who keeps an arena from being released. `ask` is given the id of a block. */
export function makePins(app: App, ask: (id: PinnedBlock["id"]) => void): HTMLElement {
  const problem = makeProblem();
  const results = make("div", { class: "results", "aria-live": "polite" });
  const choice = make("select", { "aria-label": "Arena" });
  const read = (slot: number | null): Promise<boolean> => problem.guard(async () => {
    if (!app.session) return;
    const pins = await app.ask<Pins>("pins", ...(slot === null ? [] : [slot]));
    replace(choice, make("option", { value: "" }, "the one with the fewest live blocks"), ...pins.arenas.map((arena) => make("option",
      { value: arena.slot, selected: slot === arena.slot }, `arena ${arena.slot} (${counted(arena.blocks, "block")})`)));
    if (pins.slot !== null && slot !== null) app.select({ arena: pins.slot });
    replace(results, ...pinNodes(app, pins, ask));
  });
  choice.addEventListener("change", () => { void read(choice.value === "" ? null : Number(choice.value)); });
  const button = make("button", { type: "button", onclick: () => {
    void read(app.selection.arena ?? null);
  } }, "Who pins this arena?");
  app.follow((change) => { if (change === "session") replace(results); });
  return make("div", { class: "tool pins" }, make("div", { class: "row" }, button, choice),
    make("p", { class: "faint hint" }, "An arena is released when no block in it is live. The button takes the arena that is selected on the map."),
    problem.element, results);
}
