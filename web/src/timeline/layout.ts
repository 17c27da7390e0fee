import { linear, type Scale } from "./scale.ts";
import type { Window } from "./window.ts";

/** A panel of the chart: pixels from the top of the canvas. */
export interface Panel {
  readonly top: number;
  readonly bottom: number;
}

/** The places of the parts of the chart, in pixels of CSS. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly phases: Panel;
  readonly bytes: Panel;
  readonly arenas: Panel;
  readonly x: Scale;
}

const NARROW = 560;
const AXIS_HEIGHT = 22;
const GAP = 14;

/** The layout for a canvas so wide. Without marks the strip of the phases has no height. */
export function layoutOf(width: number, window: Window, hasMarks: boolean): Layout {
  const isNarrow = width < NARROW;
  const left = isNarrow ? 54 : 68;
  const right = Math.max(left + 1, width - 12);
  const phases = { top: 0, bottom: hasMarks ? 20 : 6 };
  const bytes = { top: phases.bottom + 4, bottom: phases.bottom + 4 + (isNarrow ? 130 : 140) };
  const arenas = { top: bytes.bottom + GAP, bottom: bytes.bottom + GAP + 32 };
  return { width, height: arenas.bottom + AXIS_HEIGHT, left, right, phases, bytes, arenas,
    x: linear(window.from, window.to, left, right) };
}

/** The request at a pixel from the left; outside the chart, the nearest one in it. */
export function opAt(layout: Layout, pixel: number): number {
  const inside = Math.min(layout.right, Math.max(layout.left, pixel));
  return Math.round(layout.x.value(inside));
}
