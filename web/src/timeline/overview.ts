import { penOf, makeCanvas } from "./canvas.ts";
import type { Palette } from "./palette.ts";
import { linear } from "./scale.ts";
import { greatest, indexAt, type Series } from "./series.ts";
import { fitted, moved, widthOf, type Window } from "./window.ts";

const HEIGHT = 22;
const NONE: Window = { from: 0, to: 0 };

/** The strip of the whole trace, in which the window is marked, moved, and chosen by dragging. */
export interface Overview {
  readonly element: HTMLElement;
  draw(series: Series, window: Window, bounds: Window, op: number, left: number, right: number, palette: Palette): void;
}

// Bytes held over the whole trace, one column of pixels after the other.
function drawHeld(pen: CanvasRenderingContext2D, series: Series, bounds: Window, left: number, right: number,
  colour: string): void {
  const most = Math.max(1, greatest(series.held));
  pen.fillStyle = colour;
  for (let x = Math.floor(left); x < right; x++) {
    const value = series.held[indexAt(series.op, bounds.from + (x - left) / (right - left) * widthOf(bounds))] ?? 0;
    const height = value / most * (HEIGHT - 4);
    pen.fillRect(x, HEIGHT - height, 1, height);
  }
}

/** What a drag in the strip does: move the window if it begins inside it, else choose a new one. */
export function dragged(start: number, end: number, before: Window, bounds: Window): Window {
  const isNarrowed = widthOf(before) < widthOf(bounds);
  if (isNarrowed && start >= before.from && start <= before.to) return moved(before, end - start, bounds);
  return fitted(Math.min(start, end), Math.max(start, end), bounds);
}

export function makeOverview(choose: (window: Window) => void): Overview {
  const element = makeCanvas("overview");
  element.title = "The whole trace. Drag to choose the part shown above; double-click for all.";
  let state = { bounds: NONE, window: NONE, left: 0, right: 1 };
  let drag: { start: number; before: Window } | null = null;
  const opOf = (event: PointerEvent): number => {
    const share = (event.offsetX - state.left) / (state.right - state.left);
    return Math.round(Math.min(1, Math.max(0, share)) * widthOf(state.bounds)) + state.bounds.from;
  };
  element.addEventListener("pointerdown", (event) => {
    element.setPointerCapture(event.pointerId);
    drag = { start: opOf(event), before: state.window };
  });
  element.addEventListener("pointermove", (event) => {
    const end = opOf(event);
    if (drag && end !== drag.start) choose(dragged(drag.start, end, drag.before, state.bounds));
  });
  for (const end of ["pointerup", "pointercancel"]) element.addEventListener(end, () => { drag = null; });
  element.addEventListener("dblclick", () => { choose(state.bounds); });
  return { element, draw(series, window, bounds, op, left, right, palette) {
    state = { bounds, window, left, right };
    const pen = penOf(element, right + 12, HEIGHT);
    const x = linear(bounds.from, bounds.to, left, right);
    pen.clearRect(0, 0, right + 12, HEIGHT);
    pen.fillStyle = palette.grid;
    pen.fillRect(left, 0, right - left, HEIGHT);
    drawHeld(pen, series, bounds, left, right, palette.axis);
    pen.fillStyle = palette.text;
    pen.fillRect(Math.round(x.place(op)) - 1, 0, 2, HEIGHT);
    pen.strokeStyle = palette.layers.live;
    pen.lineWidth = 2;
    pen.strokeRect(x.place(window.from) + 1, 1, Math.max(4, x.place(window.to) - x.place(window.from) - 2), HEIGHT - 2);
  } };
}
