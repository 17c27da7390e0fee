import type { Picture } from "./facts.ts";

// The observed area reaches from far above the window to its lower edge: a figure above the window is in it.
const FAR_ABOVE = "1000000px 0px 0px 0px";

/** Follows the reader: draws the picture of the last figure that is in view or above it. */
export class Follow {
  readonly #pictures = new Map<Element, Picture>(); // in the order of the text
  readonly #reached = new Set<Element>();
  readonly #observer: IntersectionObserver;
  #drawn: Picture | null = null;

  constructor(draw: (picture: Picture) => void) {
    this.#observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) this.#reached.add(target);
        else this.#reached.delete(target);
      }
      const last = [...this.#pictures].filter(([figure]) => this.#reached.has(figure)).at(-1)?.[1];
      if (!last || last === this.#drawn) return;
      this.#drawn = last;
      draw(last);
    }, { threshold: 0.5, rootMargin: FAR_ABOVE });
  }

  /** Watches a figure, whose picture is drawn when half of it has come into view. */
  watch(figure: Element, picture: Picture): void {
    this.#pictures.set(figure, picture);
    this.#observer.observe(figure);
  }

  end(): void {
    this.#observer.disconnect();
  }
}
