import type { Scale } from "./scale.ts";

/** A mark of the trace: its text, and the number of requests before it. */
export interface Mark {
  readonly op: number;
  readonly text: string;
}

/** The part of a trace from one mark to the next. */
export interface Phase extends Mark {
  readonly end: number;
}

/** The phases that begin at the marks. The requests before the first mark are of no phase. */
export function phasesOf(marks: readonly Mark[], length: number): Phase[] {
  return marks.map((mark, i) => ({ ...mark, end: marks[i + 1]?.op ?? length }));
}

/** The phase that a request belongs to: the last that began before it. Request 0 is the moment before the first one. */
export function phaseAt(phases: readonly Phase[], op: number): Phase | null {
  return phases.filter((phase) => phase.op < op || (phase.op === 0 && op === 0)).at(-1) ?? null;
}

/** A phase on the screen, with as much of its name as there is room for. */
export interface PhaseLabel {
  readonly phase: Phase;
  readonly left: number;
  readonly right: number;
  readonly text: string;
}

/** A text cut at its end so that it is at most `room` wide; "" if not even two letters fit. */
export function cut(text: string, room: number, widthOf: (text: string) => number): string {
  if (widthOf(text) <= room) return text;
  for (let length = text.length - 1; length >= 2; length--) {
    const shorter = `${text.slice(0, length).trimEnd()}…`;
    if (widthOf(shorter) <= room) return shorter;
  }
  return "";
}

/** The phases that are seen between two pixels. */
export function phaseLabels(phases: readonly Phase[], scale: Scale, first: number, last: number,
  widthOf: (text: string) => number): PhaseLabel[] {
  const labels: PhaseLabel[] = [];
  for (const phase of phases) {
    const left = Math.max(first, scale.place(phase.op));
    const right = Math.min(last, scale.place(phase.end));
    if (right > first && left < last) labels.push({ phase, left, right, text: cut(phase.text, right - left - 10, widthOf) });
  }
  return labels;
}
