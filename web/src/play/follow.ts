import type { Picture } from "./facts.ts";

/** Follows the reader: draws the picture of the last figure that has come into view. */
export class Follow {
  readonly #pictures = new Map<Element, Picture>();
  readonly #observer: IntersectionObserver;

  constructor(draw: (picture: Picture) => void) {
    this.#observer = new IntersectionObserver((entries) => {
      const seen = entries.filter((entry) => entry.isIntersecting).pop();
      const picture = seen && this.#pictures.get(seen.target);
      if (picture) draw(picture);
    }, { threshold: 0.5 });
  }

  /** Watches a figure, whose picture is drawn when half of it is in view. */
  watch(figure: Element, picture: Picture): void {
    this.#pictures.set(figure, picture);
    this.#observer.observe(figure);
  }

  end(): void {
    this.#observer.disconnect();
  }
}
