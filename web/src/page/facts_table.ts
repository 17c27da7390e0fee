import { POOL_STATES, type MapArena, type PoolFacts, type Session } from "../facts.ts";
import { grouped } from "../parts/amounts.ts";
import { make, replace, type Child } from "../parts/dom.ts";
import type { App, Picture } from "./app.ts";
import { usedShare } from "./heap_map.ts";
import type { Selection } from "./link.ts";

const ROWS_MOST = 1000;

interface Row { cells: Child[]; place: Selection; isSelected: boolean }
interface Table { heads: string[]; rows: Row[] }

function heapTable({ map, moment }: Picture, selected: Selection): Table {
  const states = new Map(moment.arenas.map((arena) => [arena.slot, arena]));
  return { heads: ["Arena", "State", "Pools in use", "Free pools", "Live blocks", "In use"], rows: map.map((arena) => ({
    cells: [arena.slot, states.get(arena.slot)?.state, Math.round(usedShare(arena) * arena.count), states.get(arena.slot)?.nfreepools,
      grouped(arena.refCount.reduce((sum, count) => sum + count, 0)), `${Math.round(usedShare(arena) * 100)} %`],
    place: { arena: arena.slot }, isSelected: selected.arena === arena.slot })) };
}

function arenaTable(arena: MapArena | undefined, session: Session, selected: Selection): Table {
  const bytes = session.geometry.pool_bytes;
  return { heads: ["Pool", "State", "Class", "Bytes", "Live", "Blocks"], rows: Array.from({ length: arena?.count ?? 0 }, (_, pool) => {
    const state = POOL_STATES[arena?.state[pool] ?? 0];
    const size = state === "virgin" ? undefined : session.classes[arena?.szidx[pool] ?? 0];
    return { cells: [`${arena?.slot ?? 0}:${pool * bytes}`, state, size?.szidx ?? "–", size?.bytes ?? "–", arena?.refCount[pool] ?? 0, size?.blocks ?? "–"],
      place: { arena: arena?.slot ?? 0, pool: pool * bytes }, isSelected: selected.pool === pool * bytes };
  }) };
}

function poolTable(pool: PoolFacts | null, selected: Selection): Table {
  return { heads: ["Block", "State", "Id", "Requested", "Since request"], rows: (pool?.blocks ?? []).map((block) => ({
    cells: [`${pool?.address ?? ""}:${block.offset}`, block.state, block.id ?? "–", block.bytes ?? "–", block.request === undefined ? "–" : grouped(block.request)],
    place: { ...selected, block: block.offset }, isSelected: selected.block === block.offset })) };
}

/** Fills a table with the facts that the map shows now; a row's first cell is a button that goes there. */
export function fillFactsTable(element: HTMLElement, app: App, picture: Picture, session: Session): void {
  const { view, selection } = app;
  const table = view === "heap" ? heapTable(picture, selection)
    : view === "arena" ? arenaTable(picture.map.find(({ slot }) => slot === selection.arena), session, selection)
      : poolTable(picture.pool, selection);
  const rows = table.rows.slice(0, ROWS_MOST).map(({ cells: [first, ...rest], place, isSelected }) =>
    make("tr", { class: isSelected ? "selected" : "" },
      make("th", { scope: "row" }, make("button", { type: "button", class: "link", onclick: () => { app.zoom(place); } }, first)),
      ...rest.map((cell) => make("td", {}, cell))));
  const left = table.rows.length - rows.length;
  replace(element, make("div", { class: "scroll" }, make("table", { class: "numbers" },
    make("thead", {}, make("tr", {}, ...table.heads.map((head) => make("th", { scope: "col" }, head)))), make("tbody", {}, ...rows))),
  left > 0 ? make("p", { class: "faint" }, `${grouped(left)} more rows are not listed.`) : null);
}
