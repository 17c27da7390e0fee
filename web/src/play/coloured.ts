// Pictures of the library as text, whose colours are escape sequences of a terminal.

import { make } from "../parts/dom.ts";

/** A piece of text in one style: "bold", a colour, or "". */
export interface Piece {
  style: string;
  text: string;
}

const STYLES: Readonly<Record<string, string>> = { 1: "bold", 31: "red", 32: "green", 33: "yellow", 36: "cyan", 90: "grey" };

/** The pieces of a text; each escape sequence sets the style of what follows. */
export function pieces(text: string): Piece[] {
  const list: Piece[] = [];
  let style = "";
   
  for (const part of text.split(/(\x1b\[[\d;]*m)/)) {
    if (part.startsWith("\x1b[")) style = STYLES[part.slice(2, -1)] ?? "";
    else if (part !== "") list.push({ style, text: part });
  }
  return list;
}

/** The text as an element that keeps its lines. */
export function colouredText(text: string): HTMLPreElement {
  return make("pre", { class: "drawn", tabindex: 0 },
    ...pieces(text).map((piece) => piece.style === "" ? piece.text : make("span", { class: `ink-${piece.style}` }, piece.text)));
}
