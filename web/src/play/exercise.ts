import { make, replace, type Child } from "../parts/dom.ts";
import { Editor } from "./editor.ts";
import type { Piece, PieceOf } from "./facts.ts";

/** What an exercise needs: the lesson's number, the text to begin with and the answer that was kept. */
export interface Exercise {
  number: number;
  start: string;
  kept: string | undefined;
  /** Keeps the text of the answer. */
  keep: (text: string) => void;
  /** Grades a text, or gives the solution; resolves with the pieces that tell the result. */
  answer: (answer: { text: string } | { solution: true }) => Promise<readonly Piece[]>;
}

// The grade, and what the answer printed.
function gradeOf(piece: PieceOf<"grade">): Child[] {
  const words = piece.is_untouched ? "The file is unchanged. " : "";
  return [piece.output === "" ? null : make("pre", { class: "fixed", tabindex: 0 }, piece.output.replace(/\n$/, "")),
    make("p", { class: piece.passed ? "grade passed" : "grade" },
      make("strong", {}, piece.passed ? "Passed. " : "Not yet. "), words + piece.remark)];
}

/** The exercise: an editor, its grade, and a solution for those who want one. */
export function exerciseOf(exercise: Exercise): HTMLElement {
  const grade = make("div", { id: "exercise-grade", role: "status" });
  const solution = make("div", { id: "exercise-solution" });
  const editor = new Editor({ id: "exercise-editor", name: `Answer to the exercise of lesson ${exercise.number}`,
    text: exercise.kept ?? exercise.start, runs: "grades", run: () => { void gradeIt(); }, changed: exercise.keep });
  let isBusy = false;
  let isPassed = false;

  async function ask(answer: { text: string } | { solution: true }): Promise<void> {
    if (isBusy || isPassed) return;
    isBusy = true;
    try {
      for (const piece of await exercise.answer(answer)) {
        if (piece.kind === "grade") {
          replace(grade, ...gradeOf(piece));
          isPassed = piece.passed;
          for (const button of buttons) button.disabled = isPassed;
        }
        if (piece.kind === "solution") {
          replace(solution, make("p", {}, "A solution:"), make("pre", { class: "fixed", tabindex: 0 }, piece.text));
        }
      }
    } finally {
      isBusy = false;
    }
  }
  async function gradeIt(): Promise<void> {
    if (!isPassed) replace(grade, make("p", { class: "faint" }, "It is graded…"));
    await ask({ text: editor.text });
  }

  // Once an answer has passed, the lesson is over, and these are disabled.
  const buttons = [
    make("button", { type: "button", class: "primary", id: "exercise-grade-button", onclick: () => void gradeIt() }, "Grade my answer"),
    make("button", { type: "button", id: "exercise-solution-button", onclick: () => void ask({ solution: true }) }, "Show a solution")];
  return make("section", { class: "exercise", "aria-label": "Exercise" },
    make("p", { class: "faint" }, `answer_${String(exercise.number).padStart(2, "0")}.lua`), editor.element,
    make("div", { class: "row" }, ...buttons,
      make("button", { type: "button", id: "exercise-start-button", onclick: () => { editor.text = exercise.start; } }, "Back to the first text")),
    grade, solution);
}
