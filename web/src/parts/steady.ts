const QUIET = 400; // milliseconds after the last change

/**
 * Keeps an element as tall as it was, while what it shows changes again and again: what lies below does not move, and the
 * browser need not lay it out and paint it at each change. A moment after the last change the element takes the height
 * that it needs. The result is called at each change.
 */
export function keepHeight(element: HTMLElement): () => void {
  let tallest = 0;
  let timer: ReturnType<typeof setTimeout> | null = null;
  const release = (): void => {
    timer = null;
    tallest = 0;
    element.style.minHeight = "";
  };
  new ResizeObserver((entries) => {
    const height = entries.at(-1)?.contentRect.height ?? 0;
    if (timer === null || height <= tallest) return;
    tallest = height;
    element.style.minHeight = `${height}px`;
  }).observe(element);
  return () => {
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(release, QUIET);
  };
}
