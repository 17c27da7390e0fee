import { make } from "../parts/dom.ts";

/** A line beside a control for the sentence of an error. Screen readers read it when it comes. */
export interface Problem {
  readonly element: HTMLElement;
  show(error: unknown): void;
  clear(): void;
  /** Does something; if that fails, shows the sentence. Returns whether it succeeded. */
  guard(action: () => Promise<void>): Promise<boolean>;
}

/** The sentence of an error. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function makeProblem(): Problem {
  const element = make("p", { class: "error", role: "alert", hidden: true });
  const problem: Problem = { element,
    show(error) {
      element.textContent = sentenceOf(error);
      element.hidden = false;
    },
    clear() {
      element.textContent = "";
      element.hidden = true;
    },
    async guard(action) {
      problem.clear();
      try {
        await action();
        return true;
      } catch (error) {
        problem.show(error);
        return false;
      }
    } };
  return problem;
}
