import { inside, moved, widthOf, zoomed, type Window } from "./window.ts";

/** The effect of a key: a request to go to, or a window to show. */
export type KeyEffect = { readonly op: number } | { readonly window: Window };

/** The part of an event of the keyboard that decides. */
export interface Key {
  readonly key: string;
  readonly shiftKey: boolean;
}

function target(key: string, step: number, page: number, op: number, bounds: Window): number | null {
  switch (key) {
    case "ArrowRight": case "ArrowUp": return op + step;
    case "ArrowLeft": case "ArrowDown": return op - step;
    case "PageUp": return op + page;
    case "PageDown": return op - page;
    case "Home": return bounds.from;
    case "End": return bounds.to;
    default: return null;
  }
}

/**
 * The effect of a key on the timeline, or null. Arrows go by a request, with shift by ten; Page Up and Page Down by a
 * tenth of the window; Home and End to the ends of the trace. + and - zoom around the moment, < and > move the window,
 * 0 shows the whole trace.
 */
export function effectOf({ key, shiftKey }: Key, op: number, window: Window, bounds: Window): KeyEffect | null {
  const width = widthOf(window);
  const page = Math.max(1, Math.round(width / 10));
  const wanted = target(key, shiftKey ? 10 : 1, page, op, bounds);
  if (wanted !== null) return { op: inside(wanted, bounds) };
  switch (key) {
    case "+": case "=": return { window: zoomed(window, 1 / 2, op, bounds) };
    case "-": case "_": return { window: zoomed(window, 2, op, bounds) };
    case "<": return { window: moved(window, -width / 4, bounds) };
    case ">": return { window: moved(window, width / 4, bounds) };
    case "0": return { window: bounds };
    default: return null;
  }
}
