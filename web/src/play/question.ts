import { make } from "../parts/dom.ts";
import type { PieceOf } from "./facts.ts";
import { hintOf } from "./pieces.ts";

// A question without choices: a field and a button.
function freeAnswer(number: number, guess: (text: string) => void): HTMLElement {
  const field = make("input", { type: "text", class: "guess", id: `guess-${number}`, "aria-label": "Your guess", autocomplete: "off" });
  return make("form", { class: "row", onsubmit: (event) => { event.preventDefault(); guess(field.value.trim()); } },
    field, make("button", { type: "submit" }, "Answer"));
}

/**
 * A question of a lesson. `guess` is called once, with the chosen text or "" for none; without it, the question was
 * answered before and cannot be answered again.
 */
export function questionOf(piece: PieceOf<"question">, number: number, guess?: (text: string) => void): HTMLElement {
  const box = make("fieldset", { class: "question", disabled: guess === undefined }, make("legend", { tabindex: -1 }, piece.ask));
  const answered = (text: string, button?: HTMLElement): void => {
    if (box.disabled) return;
    button?.setAttribute("aria-pressed", "true");
    box.disabled = true;
    guess?.(text);
  };
  const choices = (piece.choices ?? []).map((choice, i) => make("button", { type: "button", id: `choice-${number}-${i + 1}`, class: "choice",
    "aria-pressed": "false", onclick: (event) => { answered(choice, event.currentTarget as HTMLElement); } }, choice));
  box.append(make("div", { class: "row" }, ...choices));
  const hint = hintOf(guess ? piece.hint : undefined);
  if (hint instanceof Element) box.append(hint);
  if (!piece.choices && guess) box.append(freeAnswer(number, answered));
  if (guess) {
    box.append(make("button", { type: "button", class: "link", id: `show-answer-${number}`,
      onclick: () => { answered(""); } }, "Show the answer"));
  }
  return box;
}
