import { bytesText, grouped, signed } from "../parts/amounts.ts";
import type { Moment, Stats } from "../facts.ts";

/** A figure of two heaps at one moment, as texts. */
export interface Row {
  readonly name: string;
  readonly one: string;
  readonly other: string;
  readonly difference: string;
}

const FIGURES: readonly (readonly [keyof Stats, string, (value: number) => string])[] = [
  ["arenas", "arenas", grouped], ["held", "held", bytesText], ["live", "live", bytesText], ["rounding", "rounding", bytesText],
  ["headers", "headers", bytesText], ["free", "free", bytesText], ["unused", "unused", bytesText], ["raw", "raw", bytesText],
  ["pools", "pools in use", grouped], ["raw_blocks", "raw blocks", grouped],
  ["highwater", "most arenas until now", grouped], ["obtained", "arenas obtained", grouped], ["released", "arenas released", grouped],
];

/** The figures of two heaps, and by how much the second differs from the first. */
export function rowsOf(one: Stats, other: Stats): Row[] {
  return FIGURES.map(([name, label, text]) => ({ name: label, one: text(one[name]), other: text(other[name]),
    difference: signed(other[name] - one[name], text) }));
}

/** The result of the comparison, in a sentence. */
export function verdictOf(moment: Moment, one: { name: string; stats: Stats }, other: { name: string; stats: Stats }): string {
  const more = other.stats.held - one.stats.held;
  const held = more === 0 ? "as many bytes as" : `${bytesText(Math.abs(more))} ${more > 0 ? "more" : "less"} than`;
  return `After request ${grouped(moment.op)}, the heap of ${other.name} holds ${held} that of ${one.name}.`;
}
