import type { Engine } from "../engine/client.ts";
import { make, replace } from "../parts/dom.ts";
import { Busy } from "./busy.ts";
import { exampleList, exampleView } from "./examples.ts";
import type { LessonTitle, Picture } from "./facts.ts";
import { LessonView } from "./lesson.ts";
import { drawNothing, drawPicture, type Wish } from "./picture.ts";
import { lessonList, nextLesson } from "./progress.ts";
import { placeOf, TABS, type Tab } from "./place.ts";
import { Prompt } from "./prompt.ts";
import { Reference } from "./reference.ts";
import { Runner } from "./runner.ts";
import type { Store } from "./store.ts";
import { themeChoice } from "./theme.ts";
import { welcome } from "./welcome.ts";

const NAMES: Readonly<Record<Tab, string>> = { prompt: "Prompt", lessons: "Lessons", examples: "Examples", reference: "Reference" };
const STOPPED = "It was stopped.";
const NO_HEAP = "There is no heap yet. Each heap that a statement makes is drawn here.";

/** The playground: tabs on the left, the picture of the heap on the right. */
export class App {
  readonly #store: Store;
  readonly #panel = make("div", { id: "panel", role: "tabpanel" });
  readonly #drawing = make("div", { id: "picture" });
  readonly #aside = make("aside", { "aria-label": "The heap" }, this.#drawing);
  readonly #promptBusy = new Busy("stop", () => { this.#promptRunner.stop(STOPPED); });
  readonly #lessonBusy = new Busy("lesson-stop", () => { this.#lessonRunner.stop(STOPPED); });
  readonly #promptRunner: Runner;
  readonly #lessonRunner: Runner;
  readonly #prompt: Prompt;
  readonly #reference: Reference;
  #lessons: readonly LessonTitle[] = [];
  #lesson: LessonView | null = null;
  #wish: Wish = {};

  constructor(root: HTMLElement, store: Store, openPrompt: () => Promise<Engine>, openLessons: () => Promise<Engine>) {
    this.#store = store;
    this.#promptRunner = new Runner(openPrompt, (isBusy) => { this.#promptBusy.set(isBusy); });
    this.#lessonRunner = new Runner(openLessons, (isBusy) => { this.#lessonBusy.set(isBusy); });
    this.#prompt = new Prompt(this.#promptRunner, store, welcome((source) => void this.#prompt.run(source)), () => {
      this.#wish = {};
      void this.#redraw();
    });
    this.#reference = new Reference(this.#promptRunner);
    replace(root, this.#header(), make("main", {}, make("div", { class: "left" }, this.#panel, this.#promptBusy.element,
      this.#lessonBusy.element), this.#aside));
    drawNothing(this.#drawing, NO_HEAP);
    window.addEventListener("hashchange", () => { void this.#show(true); });
  }

  /** Asks for the lessons, and shows what the link names. */
  async start(): Promise<void> {
    this.#lessons = (await this.#promptRunner.call<{ lessons: LessonTitle[] }>("open")).lessons;
    await this.#show(false);
  }

  #header(): HTMLElement {
    return make("header", {}, make("h1", {}, "pymalloc ", make("span", {}, "playground")),
      make("nav", { "aria-label": "Parts of the playground" }, ...TABS.map((tab) =>
        make("a", { href: `#${tab}`, id: `tab-${tab}` }, NAMES[tab]))),
      make("div", { class: "row settings" }, themeChoice(this.#store)));
  }

  // Shows what the link names. After a click on a link the first heading gets the focus.
  async #show(isClicked: boolean): Promise<void> {
    const { tab, what } = placeOf(location.hash);
    for (const one of TABS) {
      const link = document.getElementById(`tab-${one}`);
      if (one === tab) link?.setAttribute("aria-current", "page");
      else link?.removeAttribute("aria-current");
    }
    this.#lesson?.leave();
    this.#lesson = null;
    document.body.dataset["tab"] = tab;
    await this.#fill(tab, what);
    if (!isClicked) return;
    window.scrollTo(0, 0);
    if (tab === "prompt") this.#prompt.focus();
    else this.#panel.querySelector<HTMLElement>("h2")?.focus({ preventScroll: true });
  }

  async #fill(tab: Tab, what: string): Promise<void> {
    this.#aside.hidden = tab === "reference" || (tab === "lessons" && what === "");
    if (tab === "lessons") {
      await this.#showLesson(Number(what));
      return;
    }
    if (tab === "prompt") replace(this.#panel, this.#prompt.element);
    if (tab === "examples") replace(this.#panel, exampleView(what, this.#prompt) ?? exampleList());
    if (tab === "reference") {
      replace(this.#panel, this.#reference.element);
      await this.#reference.show(what);
      return;
    }
    await this.#redraw();
  }

  async #showLesson(number: number): Promise<void> {
    const place = this.#lessons.findIndex((one) => one.number === number);
    if (place < 0) {
      replace(this.#panel, lessonList(this.#lessons, this.#store, () => void this.#show(false)));
      return;
    }
    drawNothing(this.#drawing, "The pictures of the lesson are drawn here too.");
    const lesson = new LessonView(this.#lessonRunner, this.#store, number, this.#lessons[place + 1]?.number,
      (picture) => { drawPicture(this.#drawing, picture, undefined); });
    this.#lesson = lesson;
    replace(this.#panel, lesson.element);
    await lesson.begin();
  }

  // Draws the heap of the prompt.
  async #redraw(): Promise<void> {
    let picture: Picture | null = null;
    try {
      picture = await this.#promptRunner.call<Picture | null>("picture", { ...this.#wish });
    } catch (error) {
      drawNothing(this.#drawing, error instanceof Error ? error.message : String(error));
      return;
    }
    if (this.#lesson) return;
    if (!picture) drawNothing(this.#drawing, NO_HEAP);
    else {
      drawPicture(this.#drawing, picture, (wish) => {
        this.#wish = wish.number === undefined ? { ...this.#wish, ...wish } : wish;
        void this.#redraw();
      });
    }
  }

  /** The lesson that the learner should go on with. */
  get next(): number | undefined {
    return nextLesson(this.#lessons, this.#store);
  }
}
