import { whenIdle } from "./idle.ts";

const LATER = 200; // milliseconds after the last change

/**
 * Returns a function that draws a part of the page: at once if it is in the window or near it, otherwise a moment after
 * the last call, when the browser is idle, so that it does not slow a drag, and is up to date for a reader of the whole
 * page and for a printer.
 */
export function whenSeen(element: Element, draw: () => void): () => void {
  let isSeen = false;
  let cancel: (() => void) | null = null;
  const now = (): void => {
    cancel?.();
    cancel = null;
    draw();
  };
  const later = (): void => {
    cancel?.();
    const timer = setTimeout(() => { cancel = whenIdle(now); }, LATER);
    cancel = () => { clearTimeout(timer); };
  };
  const drawWaiting = (): void => { if (cancel) now(); };
  new IntersectionObserver((entries) => {
    isSeen = entries.at(-1)?.isIntersecting ?? false;
    if (isSeen) drawWaiting();
  }, { rootMargin: "100px" }).observe(element);
  window.addEventListener("beforeprint", drawWaiting);
  return () => {
    if (isSeen) now();
    else later();
  };
}
