// The pieces of a lesson as elements.

import { make, type Child } from "../parts/dom.ts";
import { colouredText } from "./coloured.ts";
import type { Paragraph, Piece, PieceOf } from "./facts.ts";

// The words of a paragraph; those between ` and ` are code.
function words(text: string): Child[] {
  return text.split("`").map((part, i) => i % 2 === 1 ? make("code", {}, part) : part);
}

/** Paragraphs; those that are fixed keep their lines. */
export function paragraphs(list: readonly Paragraph[]): HTMLElement[] {
  return list.map((one) => one.is_fixed ? make("pre", { class: "fixed", tabindex: 0 }, one.text.replace(/^ {4}/gm, ""))
    : make("p", {}, ...words(one.text)));
}

function answer(piece: PieceOf<"answer">): HTMLElement {
  const grade = piece.is_guessed ? make("strong", {}, piece.is_right ? "Right. " : "Wrong. ") : null;
  const state = !piece.is_guessed ? "" : piece.is_right ? " right" : " wrong";
  return make("div", { class: `answer${state}`, tabindex: -1 },
    piece.why === undefined ? null : make("p", { class: "why" }, grade, piece.why),
    make("p", {}, piece.why === undefined ? grade : null, `The answer is: ${piece.answer}.`), ...paragraphs(piece.because));
}

function breakIt(piece: PieceOf<"break_it">): HTMLElement {
  return make("div", { class: "break-it" }, make("p", {}, make("strong", {}, piece.what)),
    make("pre", { class: "error", tabindex: 0 }, piece.message), ...paragraphs(piece.so));
}

/** A hint, which is hidden until it is asked for. */
export function hintOf(hint: string | undefined): Child {
  return hint === undefined ? null : make("details", { class: "hint" }, make("summary", {}, "A hint"), make("p", {}, hint));
}

/** The elements of a piece that asks nothing. */
export function elementsOf(piece: Piece): Child[] {
  switch (piece.kind) {
    case "heading": return [make("h2", { tabindex: -1 }, `Lesson ${piece.number}: ${piece.title}`)];
    case "source": return [make("p", { class: "faint" }, `This lesson follows: ${piece.text}`)];
    case "say": return paragraphs(piece.paragraphs);
    case "show": return [make("figure", { class: "shown" }, colouredText(piece.text))];
    case "claim": return [make("p", { class: "claim" }, make("span", { class: "sign", "aria-hidden": "true" }, "✓"), piece.text)];
    case "pending": return [make("p", { class: "claim pending" }, make("span", { class: "sign", "aria-hidden": "true" }, "–"), piece.text)];
    case "answer": return [answer(piece)];
    case "break_it": return [breakIt(piece)];
    case "exercise": return [make("h3", { tabindex: -1 }, "Exercise"), ...paragraphs(piece.task), hintOf(piece.hint)];
    case "restart": return [make("p", { class: "hint" }, "The progress named a step after the end: the lesson starts again.")];
    case "question": case "unclear": case "work": case "grade": case "solution": return [];
  }
}
