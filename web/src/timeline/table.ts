import { grouped } from "../parts/amounts.ts";
import { make, replace } from "../parts/dom.ts";
import { phaseAt, type Phase } from "./phases.ts";
import { indexAt, LAYERS, type Series } from "./series.ts";
import type { Window } from "./window.ts";

const ROWS = 20;

/** The requests of the rows: evenly spread over the window, and the beginnings of the phases in it. */
export function rowsOf(series: Series, phases: readonly Phase[], window: Window): number[] {
  const places = new Set<number>();
  for (let i = 0; i <= ROWS; i++) places.add(window.from + (window.to - window.from) * i / ROWS);
  for (const phase of phases) if (phase.op >= window.from && phase.op <= window.to) places.add(phase.op);
  const requests = [...places].map((place) => series.op[indexAt(series.op, place)] ?? 0);
  return [...new Set(requests)].sort((one, other) => one - other);
}

function row(series: Series, op: number, phases: readonly Phase[], seek: (op: number) => void): HTMLElement {
  const i = indexAt(series.op, op);
  const cell = (value: number | undefined): HTMLElement => make("td", {}, grouped(value ?? 0));
  return make("tr", {},
    make("th", { scope: "row" }, make("button", { type: "button", class: "link", onclick: () => { seek(op); } }, grouped(op))),
    cell(series.arenas[i]), cell(series.held[i]), ...LAYERS.map((layer) => cell(series[layer.name][i])),
    phases.length > 0 ? make("td", { class: "text" }, phaseAt(phases, op)?.text ?? "") : null);
}

/** Fills a table with the numbers of the chart. */
export function fillTable(table: HTMLTableElement, series: Series, phases: readonly Phase[], window: Window,
  seek: (op: number) => void): void {
  const heads = ["after request", "arenas", "held", ...LAYERS.map((layer) => layer.label), ...(phases.length > 0 ? ["phase"] : [])];
  replace(table,
    make("caption", {}, "Bytes after some of the requests shown"),
    make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))),
    make("tbody", {}, ...rowsOf(series, phases, window).map((op) => row(series, op, phases, seek))));
}
