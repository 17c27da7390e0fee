// The picture of a heap: its bytes by kind, the pools of its arenas, one pool, the lists and the last events.

import { bytesText, counted, grouped } from "../parts/amounts.ts";
import { make, replace, type Child } from "../parts/dom.ts";
import type { ArenaPicture, Picture, Places } from "./facts.ts";
import { poolPicture } from "./pool.ts";

/** The heap and the pool that the reader has chosen. */
export interface Wish {
  number?: number;
  arena?: number;
  pool?: number;
}

/** Called with what is to be drawn. Undefined for a picture that shows only what it shows now. */
export type Choose = ((wish: Wish) => void) | undefined;

const KINDS: readonly (readonly [string, string, string])[] = [
  ["allocated_bytes", "live", "live blocks"], ["available_bytes", "free", "free blocks of pools in use"],
  ["unused_pool_bytes", "unused", "unused pools"], ["header_bytes", "header", "pool headers"],
  ["quantization_bytes", "rest", "quantization: ends of pools, too small for a block"]];

function bytesBar(picture: Picture): Child {
  const held = picture.stats["arena_bytes"] ?? 0;
  if (held === 0) return null;
  const kinds = KINDS.filter(([field]) => (picture.stats[field] ?? 0) > 0);
  const text = (field: string): string => bytesText(picture.stats[field] ?? 0);
  return make("div", {},
    make("div", { class: "bytes", "aria-hidden": "true" }, ...kinds.map(([field, kind]) =>
      make("span", { class: `part ${kind}`, style: `flex-grow:${picture.stats[field] ?? 0}` }))),
    make("ul", { class: "legend" }, ...kinds.map(([field, kind, words]) =>
      make("li", {}, make("span", { class: `swatch ${kind}` }), `${words} ${text(field)}`))));
}

const STATES: Readonly<Record<string, string>> = { e: "empty", u: "used", f: "full", v: "virgin" };

function poolName(arena: ArenaPicture, index: number, offset: number): string {
  const state = STATES[arena.states[index] ?? ""] ?? "";
  const place = `pool ${arena.slot}:${offset}`;
  if (state === "virgin") return `${place}, never carved`;
  return `${place}, ${state}, class ${arena.classes[index] ?? 0}, ${arena.live[index] ?? 0} of ${arena.capacity[index] ?? 0} blocks live`;
}

// A pool of an arena. One that has a header is a button that draws the pool.
function poolCell(picture: Picture, arena: ArenaPicture, index: number, choose: Choose): HTMLElement {
  const offset = index * picture.geometry.pool_bytes;
  const state = STATES[arena.states[index] ?? ""] ?? "";
  const isShown = picture.pool?.arena === arena.slot && picture.pool.offset === offset;
  const fill = 100 * (arena.live[index] ?? 0) / Math.max(1, arena.capacity[index] ?? 1);
  const name = poolName(arena, index, offset);
  const style = `--fill:${fill.toFixed(1)}%`;
  if (state === "virgin" || !choose) {
    return make("span", { class: `cell ${state}${isShown ? " chosen" : ""}`, title: name, role: "img", "aria-label": name, style });
  }
  return make("button", { class: `cell ${state}`, title: name, "aria-label": name, "aria-pressed": String(isShown), type: "button",
    tabindex: -1, style,
    onclick: () => { choose({ arena: arena.slot, pool: offset }); } });
}

// The arrow keys move along the pools of an arena, of which only one is reached by Tab.
function moveAlong(event: KeyboardEvent): void {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (step === undefined || !(event.currentTarget instanceof HTMLElement)) return;
  const cells = [...event.currentTarget.querySelectorAll("button")];
  const next = cells[cells.findIndex((cell) => cell === document.activeElement) + step];
  if (!next) return;
  for (const cell of cells) cell.tabIndex = cell === next ? 0 : -1;
  next.focus();
  event.preventDefault();
}

function arenaPicture(picture: Picture, arena: ArenaPicture, choose: Choose): HTMLElement {
  const cells = Array.from(arena.states, (_, index) => poolCell(picture, arena, index, choose));
  const buttons = cells.filter((cell) => cell instanceof HTMLButtonElement);
  const first = buttons.find((cell) => cell.getAttribute("aria-pressed") === "true") ?? buttons[0];
  if (first) first.tabIndex = 0;
  const columns = Math.ceil(Math.sqrt(cells.length));
  const label = `arena ${arena.slot}, ${arena.free} of ${cells.length} pools free`;
  return make("figure", { class: "arena" }, make("figcaption", {}, label),
    make("div", { class: "cells", role: "group", "aria-label": label, style: `--columns:${columns};--size:${cells.length <= 16 ? 26 : 17}px`,
      onkeydown: (event) => { if (event instanceof KeyboardEvent) moveAlong(event); } }, ...cells));
}

const CELLS: readonly (readonly [string, string])[] =
  [["full", "full"], ["used", "used, by fill"], ["empty", "empty"], ["virgin", "never carved"]];

function arenas(picture: Picture, choose: Choose): Child {
  if (picture.arenas.length === 0) return make("p", { class: "faint" }, "This heap has no arena yet.");
  const left = picture.arenas_left_out;
  return make("div", {},
    make("div", { class: "arenas" }, ...picture.arenas.map((arena) => arenaPicture(picture, arena, choose))),
    left > 0 ? make("p", { class: "faint" }, `${counted(left, "more arena")} not drawn.`) : null,
    make("ul", { class: "legend" }, ...CELLS.map(([state, words]) =>
      make("li", {}, make("span", { class: `cell ${state}`, style: "--fill:50%" }), words))));
}

// A place such as "0:4096" as a button that draws the pool.
function placeLink(place: string, choose: Choose): Child {
  const [arena = 0, pool] = place.split(":").map(Number);
  if (pool === undefined || !choose) return place;
  return make("button", { type: "button", class: "link", onclick: () => { choose({ arena, pool }); } }, place);
}

function listOf(list: Places, choose: Choose): Child[] {
  const children: Child[] = [];
  for (const place of list.places) children.push(children.length > 0 ? " → " : null, placeLink(place, choose));
  if (list.left_out > 0) children.push(` → ${grouped(list.left_out)} more`);
  return children.length > 0 ? children : ["none"];
}

function lists(picture: Picture, choose: Choose): Child {
  return make("dl", { class: "lists" },
    make("dt", {}, "usable_arenas"), make("dd", {}, ...listOf(picture.lists.usable, choose)),
    ...picture.lists.used.flatMap((used) => [
      make("dt", {}, `usedpools, class ${used.class} (${used.bytes} bytes)`),
      make("dd", {}, ...listOf(used, choose))]));
}

function events(picture: Picture): Child {
  if (picture.events.length === 0) return null;
  const shown = picture.events.filter((event) => event.request > picture.requests - picture.new_requests);
  const list = shown.length > 0 ? shown : picture.events;
  const title = shown.length > 0 ? `${counted(picture.new_requests, "request")} by the last statement; the last events`
    : "The last events";
  return make("details", { class: "events" }, make("summary", {}, title),
    make("ol", {}, ...list.map((event) => make("li", {}, event.text))));
}

function asText(picture: Picture): Child {
  return make("details", {}, make("summary", {}, "The picture as text"),
    make("pre", { class: "drawn", tabindex: 0 }, picture.text, picture.pool_text ? `\n\n${picture.pool_text}` : ""));
}

// The heaps that can be drawn, if there are more than one.
function heapChoice(picture: Picture, choose: Choose): Child {
  const heaps = picture.heaps ?? [];
  if (heaps.length < 2 || !choose) return null;
  const select = make("select", { id: "picture-heap", "aria-label": "The heap that is drawn" }, ...heaps.map((heap) =>
    make("option", { value: heap.number, selected: heap.number === picture.number }, heap.name)));
  select.addEventListener("change", () => { choose({ number: Number(select.value) }); });
  return make("label", { class: "row" }, "Heap", select);
}

/** Draws a picture into an element. `chooseOther` is called when another heap or pool is to be drawn. */
export function drawPicture(element: HTMLElement, picture: Picture, chooseOther: Choose): void {
  const choose = picture.is_closed ? undefined : chooseOther;
  const closed = picture.is_closed ? make("p", { class: "hint" },
    "The statement has closed this heap. This is how it was just before.") : null;
  replace(element,
    heapChoice(picture, choose) ?? make("h3", {}, picture.name ?? "Heap"),
    make("p", { class: "faint" }, picture.title), closed, bytesBar(picture), arenas(picture, choose),
    picture.pool ? poolPicture(picture.pool) : null, lists(picture, choose), events(picture), asText(picture));
}

/** Says in an element that there is nothing to draw. */
export function drawNothing(element: HTMLElement, words: string): void {
  replace(element, make("p", { class: "faint" }, words));
}
