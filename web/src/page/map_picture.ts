import type { MapArena, Session } from "../facts.ts";
import { penOf } from "../parts/canvas.ts";
import { coloursNow } from "./colours.ts";
import { drawHeap, type Marks, type Paint } from "./heap_map.ts";
import { planHeap, type Plan } from "./plan.ts";

/** The distance from the edges of the canvas to the squares: outlines reach beyond them. */
export const MARGIN = 3;

/** How a map is painted. */
export interface MapOptions {
  readonly width: number;
  /** The most that its height may be. */
  readonly height: number;
  readonly paint?: Paint;
  readonly marks?: Marks;
  /** The largest side of a square. */
  readonly cell?: number;
}

const NO_MARKS: Marks = { changed: new Set(), selected: {}, ghosts: new Set() };

/** Paints arenas and their pools on a canvas in the page, which gets the size that the picture needs. */
export function paintMap(canvas: HTMLCanvasElement, arenas: readonly MapArena[], session: Session, options: MapOptions): Plan {
  const { width, height, paint = "class", marks = NO_MARKS, cell } = options;
  const pools = arenas.reduce((most, arena) => Math.max(most, arena.count), 1);
  const plan = planHeap(width - 2 * MARGIN, height, Math.max(1, arenas.length), pools, cell);
  const pen = penOf(canvas, width, plan.height + 2 * MARGIN);
  pen.translate(MARGIN, MARGIN);
  drawHeap({ pen, plan, session, colours: coloursNow(), paint, marks }, arenas);
  return plan;
}

/** What a map leaves out, in a sentence; "" where it draws each pool. */
export function mapNote(plan: Plan | null, arenas: number): string {
  if (arenas === 0) return "There is no arena.";
  if (!plan || plan.scale === "pools") return "";
  return plan.scale === "arenas" ? "Too many arenas to draw pools: a square is an arena, darker the more of its pools are in use."
    : `Too many arenas to draw each: a square is ${plan.grouped} arenas, by the share of their pools in use.`;
}
