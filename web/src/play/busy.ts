import { make, replace } from "../parts/dom.ts";

const DELAY = 400; // a call that is over sooner shows nothing

/** Says that something runs, and has the button that ends it. Escape does the same. */
export class Busy {
  readonly element: HTMLElement;
  readonly #words = make("span", { role: "status" });
  readonly #stop: () => void;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(id: string, stop: () => void) {
    this.#stop = stop;
    this.element = make("div", { class: "busy", hidden: true }, this.#words,
      make("button", { type: "button", id, onclick: stop }, "Stop (Escape)"));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !this.element.hidden) this.#stop();
    });
  }

  /** To be called when something begins to run, and when nothing runs any more. */
  set(isBusy: boolean): void {
    clearInterval(this.#timer);
    this.element.hidden = true;
    if (!isBusy) return;
    const start = Date.now();
    this.#timer = setInterval(() => {
      this.element.hidden = false;
      replace(this.#words, `Running for ${Math.round((Date.now() - start) / 1000)} s `);
    }, DELAY);
  }
}
