// The picture of a pool: the fields of its header, and its blocks. Few blocks are drawn to scale, with the header and
// the rest, in which no block fits; many are cells of one size.

import { make, type Child } from "../parts/dom.ts";
import type { HeaderField, PoolPicture } from "./facts.ts";

const SCALE_MOST = 32; // blocks that are drawn to scale

const BLOCKS: Readonly<Record<string, string>> = { l: "live", f: "free", v: "virgin", c: "cached" };

function headerRow(field: HeaderField): HTMLElement {
  return make("tr", field.is_changed ? { class: "changed" } : {}, make("th", { scope: "row" }, field.name),
    make("td", {}, field.value, field.is_changed ? make("span", { class: "mark" }, " changed") : null));
}

function headerTable(pool: PoolPicture): HTMLElement {
  return make("table", { class: "header" }, make("caption", {}, `Header of pool ${pool.arena}:${pool.offset}`),
    make("tbody", {}, ...pool.header.map(headerRow)));
}

// A block: its name has the offset, its state and, if it is free, its place on the chain.
function block(pool: PoolPicture, letter: string, offset: number, isScaled: boolean): HTMLElement {
  const place = (pool.chain ?? []).indexOf(offset) + 1;
  const state = BLOCKS[letter] ?? "live";
  const name = `block ${offset}: ${state}${place > 0 ? `, number ${place} of the free chain` : ""}`;
  const style = isScaled ? `flex-grow:${pool.size ?? 1}` : "";
  return make("span", { class: `block ${state}`, title: name, style, role: "img", "aria-label": name }, place > 0 ? place : "");
}

function blocks(pool: PoolPicture): Child {
  if (pool.blocks === undefined || pool.size === undefined) return null;
  const isScaled = pool.blocks.length <= SCALE_MOST, size = pool.size;
  const cells = Array.from(pool.blocks, (letter, i) => block(pool, letter, pool.header_bytes + i * size, isScaled));
  if (isScaled) {
    cells.unshift(make("span", { class: "block header", title: `header, ${pool.header_bytes} bytes`,
      style: `flex-grow:${pool.header_bytes}` }));
    if (pool.waste) {
      cells.push(make("span", { class: "block rest", title: `${pool.waste} bytes that are too few for a block`,
        style: `flex-grow:${pool.waste}` }));
    }
  }
  return make("div", { class: isScaled ? "strip" : "strip many" }, ...cells);
}

function chain(pool: PoolPicture): Child {
  if (!pool.chain) return null;
  const most = 60, offsets = pool.chain.slice(0, most).join(" → ");
  const more = pool.chain.length > most ? ` → ${pool.chain.length - most} more` : "";
  return make("p", { class: "chain" }, `free chain: ${offsets === "" ? "empty" : offsets}${more}`);
}

const LEGEND: readonly (readonly [string, string])[] =
  [["live", "live"], ["free", "free, numbered as they will be handed out"], ["virgin", "virgin"]];

/** The picture of a pool. */
export function poolPicture(pool: PoolPicture): HTMLElement {
  return make("section", { class: "pool", "aria-label": `Pool ${pool.arena}:${pool.offset}` },
    make("h4", {}, pool.title), blocks(pool),
    make("ul", { class: "legend" }, ...LEGEND.map(([state, words]) =>
      make("li", {}, make("span", { class: `swatch block ${state}` }), words))),
    chain(pool), headerTable(pool));
}
