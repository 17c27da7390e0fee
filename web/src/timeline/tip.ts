import { bytesText, counted, grouped } from "../parts/amounts.ts";
import { make } from "../parts/dom.ts";
import type { Layout } from "./layout.ts";
import { phaseAt, type Phase } from "./phases.ts";
import { indexAt, type Series } from "./series.ts";

/** The values under the pointer: those after the last request at or before it that the chart has. */
export function tipText(series: Series, phases: readonly Phase[], op: number): string[] {
  const i = indexAt(series.op, op);
  const at = series.op[i] ?? 0;
  const phase = phaseAt(phases, at);
  return [`after request ${grouped(at)}`, `${bytesText(series.live[i] ?? 0)} live of ${bytesText(series.held[i] ?? 0)} held`,
    `in ${counted(series.arenas[i] ?? 0, "arena")}`, ...(phase ? [`phase: ${phase.text}`] : [])];
}

/** The label that follows the pointer. */
export interface Tip {
  readonly element: HTMLElement;
  show(lines: readonly string[], at: number, layout: Layout): void;
  hide(): void;
}

export function makeTip(): Tip {
  const element = make("div", { class: "tip", "aria-hidden": "true", hidden: true });
  return { element,
    show(lines, at, layout) {
      element.replaceChildren(...lines.map((line) => make("div", {}, line)));
      element.hidden = false;
      const place = layout.x.place(at);
      const isRight = place > (layout.left + layout.right) / 2;
      element.style.left = isRight ? "" : `${place + 10}px`;
      element.style.right = isRight ? `${layout.width - place + 10}px` : "";
      element.style.top = `${layout.bytes.top + 4}px`;
    },
    hide() { element.hidden = true; } };
}
