// The list of the lessons, with how far each is, and the file in which the progress can be kept.

import { make, replace, type Child } from "../parts/dom.ts";
import type { LessonTitle } from "./facts.ts";
import { progressWord, type Store } from "./store.ts";

const FILE = "pymalloc-lessons.json";

function saveFile(text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  make("a", { href: url, download: FILE }).click();
  URL.revokeObjectURL(url);
}

// A button that must be pressed twice, so that nothing is lost by one press.
function resetButton(store: Store, changed: () => void): HTMLElement {
  let isAsked = false;
  const button = make("button", { type: "button", id: "progress-reset" }, "Forget the progress");
  button.addEventListener("click", () => {
    if (isAsked) {
      store.reset();
      changed();
    }
    isAsked = true;
    replace(button, "Press again: all progress and answers are forgotten");
  });
  button.addEventListener("blur", () => { isAsked = false; replace(button, "Forget the progress"); });
  return button;
}

function fileButtons(store: Store, changed: () => void): HTMLElement {
  const problem = make("p", { class: "error", role: "alert" });
  const picker = make("input", { type: "file", id: "progress-file", accept: ".json,application/json", class: "hidden-input" });
  picker.addEventListener("change", () => {
    void picker.files?.[0]?.text().then((text) => { store.replace(text); changed(); })
      .catch((error: unknown) => { replace(problem, error instanceof Error ? error.message : String(error)); });
  });
  return make("div", { class: "files" },
    make("p", { class: "faint" }, store.isSaved ? "Your browser keeps the progress and the answers."
      : "Your browser does not keep the progress. Save it in a file before you leave."),
    make("div", { class: "row" },
      make("button", { type: "button", id: "progress-save", onclick: () => { saveFile(store.text()); } }, "Save the progress in a file"),
      make("label", { class: "button", for: "progress-file" }, "Open such a file"), picker, resetButton(store, changed)), problem);
}

function titleRow(lesson: LessonTitle, store: Store): HTMLElement {
  const word = progressWord(store.kept.progress[lesson.number]);
  return make("li", { class: word === "done" ? "done" : "" },
    make("a", { href: `#lesson=${lesson.number}`, id: `lesson-link-${lesson.number}` }, lesson.title),
    make("span", { class: "faint" }, word === "" ? "" : ` ${word === "done" ? "✓ done" : word}`));
}

/** The number of the lesson to go on with: the first that was started and is not done, or else the first not started. */
export function nextLesson(lessons: readonly LessonTitle[], store: Store): number | undefined {
  const word = (lesson: LessonTitle): string => progressWord(store.kept.progress[lesson.number]);
  return (lessons.find((one) => !["", "done"].includes(word(one))) ?? lessons.find((one) => word(one) === ""))?.number;
}

/** The list of the lessons. */
export function lessonList(lessons: readonly LessonTitle[], store: Store, changed: () => void): Child {
  const next = nextLesson(lessons, store);
  const done = lessons.filter((one) => progressWord(store.kept.progress[one.number]) === "done").length;
  return make("div", { class: "lesson-list" },
    make("h2", { tabindex: -1 }, "Fourteen lessons"),
    make("p", {}, "Each lesson explains one part of CPython's allocator with pictures of live heaps, asks what will happen next, and "
      + "ends with an exercise that is graded. No lesson needs more than the lessons before it and some Lua."),
    next === undefined ? make("p", {}, "All lessons are done.") : make("p", {}, make("a", { class: "button primary", href: `#lesson=${next}` },
      done === 0 && next === 1 ? "Begin with lesson 1" : `Go on with lesson ${next}`)),
    make("ol", {}, ...lessons.map((lesson) => titleRow(lesson, store))), fileButtons(store, changed));
}
