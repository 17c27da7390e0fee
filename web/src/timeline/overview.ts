import { make } from "../parts/dom.ts";
import { penOf, makeCanvas } from "../parts/canvas.ts";
import { paletteOf, type Palette } from "./palette.ts";
import { linear } from "./scale.ts";
import { greatest, indexAt, type Series } from "./series.ts";
import { fitted, moved, widthOf, type Window } from "./window.ts";

const HEIGHT = 22;
const MARGIN = 12;
const NONE: Window = { from: 0, to: 0 };

/** Where the strip is, and the requests that it shows. */
export interface Strip {
  readonly bounds: Window;
  readonly left: number;
  readonly right: number;
  readonly palette: Palette;
}

/** The strip of the whole trace, in which the window is marked, moved, and chosen by dragging. */
export interface Overview {
  readonly element: HTMLElement;
  /** Draws the bytes held. */
  draw(series: Series, strip: Strip): void;
  /** Draws the window and the moment over them. */
  mark(window: Window, op: number): void;
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

function addDrags(element: HTMLElement, read: () => { window: Window; strip: Strip }, choose: (window: Window) => void): void {
  let drag: { start: number; before: Window } | null = null;
  const opOf = (event: PointerEvent): number => {
    const { bounds, left, right } = read().strip;
    const share = (event.clientX - element.getBoundingClientRect().left - left) / (right - left);
    return bounds.from + Math.round(Math.min(1, Math.max(0, share)) * widthOf(bounds));
  };
  element.addEventListener("pointerdown", (event) => {
    element.setPointerCapture(event.pointerId);
    drag = { start: opOf(event), before: read().window };
  });
  element.addEventListener("pointermove", (event) => {
    const end = opOf(event);
    if (drag && end !== drag.start) choose(dragged(drag.start, end, drag.before, read().strip.bounds));
  });
  for (const end of ["pointerup", "pointercancel"]) element.addEventListener(end, () => { drag = null; });
  element.addEventListener("dblclick", () => { choose(read().strip.bounds); });
}

/** Makes the strip. `choose` is given the window that the reader drags. */
export function makeOverview(choose: (window: Window) => void): Overview {
  const base = makeCanvas("base");
  const marks = makeCanvas("marks");
  const element = make("div", { class: "overview", title: "The whole trace. Drag to choose the part shown above; double-click for all." }, base, marks);
  let strip: Strip | null = null;
  let window: Window = NONE;
  addDrags(element, () => ({ window, strip: strip ?? { bounds: NONE, left: 0, right: 1, palette: paletteOf(element) } }), choose);
  return { element,
    draw(series, where) {
      strip = where;
      const { bounds, left, right, palette } = where;
      const pen = penOf(base, right + MARGIN, HEIGHT);
      pen.fillStyle = palette.grid;
      pen.fillRect(left, 0, right - left, HEIGHT);
      drawHeld(pen, series, bounds, left, right, palette.axis);
    },
    mark(shown, op) {
      if (!strip) return;
      window = shown;
      const { bounds, left, right, palette } = strip;
      const pen = penOf(marks, right + MARGIN, HEIGHT);
      const x = linear(bounds.from, bounds.to, left, right);
      pen.fillStyle = palette.text;
      pen.fillRect(Math.round(x.place(op)) - 1, 0, 2, HEIGHT);
      pen.strokeStyle = palette.layers.live;
      pen.lineWidth = 2;
      pen.strokeRect(x.place(shown.from) + 1, 1, Math.max(4, x.place(shown.to) - x.place(shown.from) - 2), HEIGHT - 2);
    } };
}
