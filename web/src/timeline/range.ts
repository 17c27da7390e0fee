import { grouped } from "../parts/amounts.ts";
import { make } from "../parts/dom.ts";
import { isSame, type Window } from "./window.ts";

/** The controls of the window: two numbers, buttons for zooming and for the whole trace. */
export interface RangeControls {
  readonly element: HTMLElement;
  show(window: Window, bounds: Window): void;
}

/** The effects of the controls. */
export interface RangeActions {
  set(from: number, to: number): void;
  zoom(factor: number): void;
  reset(): void;
}

function numberField(label: string, change: () => void): HTMLInputElement {
  return make("input", { type: "number", step: 1, "aria-label": label, onchange: change, class: "number" });
}

function button(text: string, label: string, click: () => void): HTMLButtonElement {
  return make("button", { type: "button", "aria-label": label, title: label, onclick: click }, text);
}

export function makeRange(actions: RangeActions): RangeControls {
  const change = (): void => {
    const [one, other] = [from.valueAsNumber, to.valueAsNumber];
    if (Number.isFinite(one) && Number.isFinite(other)) actions.set(Math.min(one, other), Math.max(one, other));
  };
  const from = numberField("First request shown", change);
  const to = numberField("Last request shown", change);
  const all = button("All", "Show the whole trace (0)", () => { actions.reset(); });
  const length = make("span", { class: "faint" });
  const element = make("div", { class: "row range", role: "group", "aria-label": "Requests shown" },
    make("label", {}, "from ", from), make("label", {}, "to ", to), length,
    button("+", "Zoom in around the moment (+)", () => { actions.zoom(1 / 2); }),
    button("−", "Zoom out (-)", () => { actions.zoom(2); }), all);
  return { element, show(window, bounds) {
    from.value = String(window.from);
    to.value = String(window.to);
    from.min = to.min = String(bounds.from);
    from.max = to.max = String(bounds.to);
    all.disabled = isSame(window, bounds);
    length.textContent = `of ${grouped(bounds.to)} requests`;
  } };
}
