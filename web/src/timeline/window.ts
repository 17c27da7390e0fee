/** A part of a trace: the requests from `from` to `to`. The bounds of a window are those of the session's clock. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** A window has at least so many requests, unless its bounds have fewer. */
export const LEAST = 20;

export function isSame(one: Window, other: Window): boolean {
  return one.from === other.from && one.to === other.to;
}

/** The number of requests of a window. */
export function widthOf(window: Window): number {
  return window.to - window.from;
}

/** A request, or the nearest one in the bounds. */
export function inside(op: number, bounds: Window): number {
  return Math.min(bounds.to, Math.max(bounds.from, op));
}

/** A window of whole numbers inside the bounds, not narrower than LEAST. It keeps its width where it can. */
export function fitted(from: number, to: number, bounds: Window): Window {
  const width = Math.min(widthOf(bounds), Math.max(LEAST, Math.round(to - from)));
  const first = inside(Math.round((from + to - width) / 2), { from: bounds.from, to: bounds.to - width });
  return { from: first, to: first + width };
}

/** The window made `factor` times as wide, in which `at` stays at its place. */
export function zoomed(window: Window, factor: number, at: number, bounds: Window): Window {
  const share = (at - window.from) / Math.max(1, widthOf(window));
  const width = Math.min(widthOf(bounds), Math.max(LEAST, widthOf(window) * factor));
  return fitted(at - width * share, at + width * (1 - share), bounds);
}

/** The window moved by a number of requests. */
export function moved(window: Window, by: number, bounds: Window): Window {
  return fitted(window.from + by, window.to + by, bounds);
}

/** The window moved just so far that it contains a request: the same window if it does. */
export function showing(window: Window, op: number, bounds: Window): Window {
  if (op < window.from) return moved(window, op - window.from, bounds);
  if (op > window.to) return moved(window, op - window.to, bounds);
  return window;
}
