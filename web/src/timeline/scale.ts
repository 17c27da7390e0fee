import { byteUnit, grouped } from "../parts/amounts.ts";

/** A linear scale from values to pixels. */
export interface Scale {
  place(value: number): number;
  value(place: number): number;
}

/** The scale that has `low` at pixel `start` and `high` at pixel `end`. */
export function linear(low: number, high: number, start: number, end: number): Scale {
  const factor = high === low ? 0 : (end - start) / (high - low);
  return {
    place: (value) => start + (value - low) * factor,
    value: (place) => factor === 0 ? low : low + (place - start) / factor,
  };
}

/** A value of an axis that has a line and a text. */
export interface Tick {
  readonly value: number;
  readonly text: string;
}

function multiples(step: number, low: number, high: number, text: (value: number) => string): Tick[] {
  const ticks: Tick[] = [];
  for (let value = Math.ceil(low / step) * step; value <= high; value += step) ticks.push({ value, text: text(value) });
  return ticks;
}

/** The ticks of whole numbers: multiples of 1, 2 or 5 times a power of ten, which divide the range in at most `most` parts. */
export function countTicks(low: number, high: number, most: number): Tick[] {
  const least = Math.max(1, (high - low) / most);
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5, 10].find((one) => one * power >= least) ?? 10;
  return multiples(factor * power, low, high, grouped);
}

/** The ticks of bytes from 0 to `high`: multiples of a power of two, all in one unit. */
export function byteTicks(high: number, most: number): Tick[] {
  const step = 2 ** Math.max(0, Math.ceil(Math.log2(Math.max(high, 1) / most)));
  const [unit, size] = byteUnit(high);
  return multiples(step, 0, high, (value) => value === 0 ? "0" : `${grouped(value / size)} ${unit}`);
}
