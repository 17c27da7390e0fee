import type { App } from "./app.ts";

/** Seconds of an event at each speed. */
export const SPEEDS: readonly (readonly [string, number])[] = [["slow", 1.6], ["normal", 0.8], ["fast", 0.3]];

/** Plays the events of the request, one after the other. */
export class Player {
  readonly #app: App;
  readonly #changed: () => void;
  #timer = 0;
  seconds = 0.8;

  constructor(app: App, changed: () => void) {
    this.#app = app;
    this.#changed = changed;
  }

  get isPlaying(): boolean { return this.#timer !== 0; }

  /** Plays from the chosen event, or from the first one if all are done. */
  play(): void {
    if (this.isPlaying || !this.#app.moment?.request) return;
    if (this.#app.step === null) this.#app.setStep(0);
    this.#wait();
    this.#changed();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#changed();
  }

  #wait(): void {
    this.#timer = window.setTimeout(() => { this.#next(); }, this.seconds * 1000);
  }

  #next(): void {
    const last = (this.#app.moment?.events.length ?? 0) - 1;
    const step = this.#app.step;
    if (step === null) { // the last event is done
      this.stop();
      return;
    }
    this.#app.setStep(step + 1);
    if (step + 1 >= last) this.stop();
    else this.#wait();
  }
}
