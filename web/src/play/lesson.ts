import { make, type Child } from "../parts/dom.ts";
import { exerciseOf } from "./exercise.ts";
import type { Picture, Piece, Told } from "./facts.ts";
import { Follow } from "./follow.ts";
import { elementsOf } from "./pieces.ts";
import { questionOf } from "./question.ts";
import { Ended, type Runner } from "./runner.ts";
import type { Store } from "./store.ts";

/** A lesson may compute for so long between two pieces. */
const SECONDS = 120;

/** A lesson that runs. `draw` gets the picture of what is read; `next` is the number of the lesson after it. */
export class LessonView {
  readonly element = make("article", { class: "lesson", id: "lesson" });
  readonly #runner: Runner;
  readonly #store: Store;
  readonly #follow: Follow;
  readonly #number: number;
  readonly #next: number | undefined;
  #questions = 0;
  #start = "";
  #isLeft = false;
  #isBeforeStop = false;

  constructor(runner: Runner, store: Store, number: number, next: number | undefined, draw: (picture: Picture) => void) {
    this.#runner = runner;
    this.#store = store;
    this.#number = number;
    this.#next = next;
    this.#follow = new Follow(draw);
  }

  /** Begins where the progress says, or at the start of the lesson. */
  async begin(fromStart = false): Promise<void> {
    this.element.replaceChildren(make("p", { class: "faint", role: "status" }, "The lesson is being prepared…"));
    const kept = this.#store.kept.progress[this.#number];
    const progress = fromStart && kept !== undefined ? `0${kept.includes("done") ? " done" : ""}` : kept ?? null;
    const columns = Math.floor((this.element.clientWidth || 640) / 7.9);
    await this.#step(() => this.#runner.limited<Told>(SECONDS, "begin", this.#number, progress, columns), (told) => {
      this.element.replaceChildren();
      this.#questions = 0;
      this.#tell(told);
    });
  }

  // Tells the pieces that the lesson computes after these.
  async #more(): Promise<void> {
    await this.#step(() => this.#runner.limited<Told>(SECONDS, "more"), (told) => { this.#tell(told); });
  }

  /** Nothing is drawn any more. */
  leave(): void {
    this.#isLeft = true;
    this.#follow.end();
  }

  // Makes a call and shows its result or its error.
  async #step(call: () => Promise<Told>, show: (told: Told) => void): Promise<Told | undefined> {
    try {
      const told = await call();
      if (this.#isLeft) return undefined;
      this.#keep(told);
      show(told);
      return told;
    } catch (error) {
      if (!this.#isLeft) this.#fail(error);
      return undefined;
    }
  }

  #keep(told: Told): void {
    const progress = told.progress;
    if (progress !== undefined) this.#store.change((kept) => { kept.progress[this.#number] = progress; });
  }

  #fail(error: unknown): void {
    const words = error instanceof Ended ? `${error.message} The worker of the lesson was ended.`
      : error instanceof Error ? error.message : String(error);
    this.element.append(make("p", { class: "error", role: "alert" }, words),
      make("p", {}, make("button", { type: "button", id: "lesson-again", onclick: () => void this.begin() }, "Go on where the lesson was")));
  }

  #tell(told: Told): void {
    for (const piece of told.pieces) {
      this.#markStop(piece);
      const elements = this.#elements(piece, told).filter((child) => child instanceof Element);
      this.element.append(...elements);
      if (piece.kind === "show" && piece.picture && elements[0]) this.#follow.watch(elements[0], piece.picture);
    }
    if (told.is_done) this.element.append(this.#ending());
    if (told.goes_on) void this.#more();
  }

  // Marks the place where the learner stopped the last time, and scrolls to it.
  #markStop(piece: Piece): void {
    if (piece.kind === "heading") this.#isBeforeStop = piece.is_continued;
    else if (this.#isBeforeStop && !piece.is_old) {
      this.#isBeforeStop = false;
      const mark = make("p", { class: "hint stopped" }, "You stopped here.");
      this.element.append(mark);
      requestAnimationFrame(() => { mark.scrollIntoView({ block: "center" }); });
    }
  }

  #elements(piece: Piece, told: Told): Child[] {
    if (piece.kind === "exercise") this.#start = piece.start;
    if (piece.kind === "heading" && piece.is_continued) return [...elementsOf(piece), this.#again()];
    if (piece.kind === "work") return [this.#exercise()];
    if (piece.kind !== "question") return elementsOf(piece);
    this.#questions += 1;
    const asks = told.asks === "question" && !piece.is_old;
    return [questionOf(piece, this.#questions, asks ? (guess) => { void this.#guess(guess); } : undefined)];
  }

  async #guess(guess: string): Promise<void> {
    const count = this.element.childElementCount;
    await this.#step(() => this.#runner.limited<Told>(SECONDS, "answer", guess), (told) => { this.#tell(told); });
    const first = this.element.children[count];
    if (first instanceof HTMLElement) first.focus({ preventScroll: true });
    first?.scrollIntoView({ block: "nearest" });
  }

  #exercise(): HTMLElement {
    return exerciseOf({ number: this.#number, start: this.#start, kept: this.#store.kept.answers[this.#number],
      keep: (text) => { this.#store.change((kept) => { kept.answers[this.#number] = text; }); },
      answer: (answer) => this.#work(answer) });
  }

  async #work(answer: { text: string } | { solution: true }): Promise<readonly Piece[]> {
    const told = await this.#step(() => this.#runner.limited<Told>(SECONDS, "answer", answer), (result) => {
      if (result.is_done && !this.element.querySelector(".ending")) this.element.append(this.#ending());
    });
    return told?.pieces ?? [];
  }

  #again(): HTMLElement {
    return make("p", { class: "hint" }, "You have seen a part of this lesson before. It goes on where you stopped. ",
      make("button", { type: "button", class: "link", id: "lesson-from-start", onclick: () => void this.begin(true) }, "Start it anew"));
  }

  #ending(): HTMLElement {
    return make("div", { class: "ending" }, make("p", {}, make("strong", {}, `Lesson ${this.#number} is done. `),
      this.#next === undefined ? "It was the last one." : null),
      make("p", { class: "row" }, this.#next === undefined ? null
        : make("a", { class: "button primary", id: "next-lesson", href: `#lesson=${this.#next}` }, `Lesson ${this.#next}`),
        make("a", { class: "button", href: "#lessons" }, "All lessons")));
  }
}
