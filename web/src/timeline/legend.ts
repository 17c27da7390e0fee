import { bytesText, grouped } from "../parts/amounts.ts";
import { make, setText } from "../parts/dom.ts";
import { LAYERS, type LayerName } from "./series.ts";

/** The values at one moment. */
export type Values = Readonly<Record<LayerName | "held" | "arenas", number>>;

/** The names of the layers, each a switch, with the values at the moment. */
export interface Legend {
  readonly element: HTMLElement;
  show(values: Values): void;
  /** Names the second heap, whose curves are dashed; null: there is none. */
  name(other: string | null): void;
}

const LINES = [
  { name: "held", label: "held", meaning: "bytes of all arenas: the line above the layers" },
  { name: "arenas", label: "arenas", meaning: "the lower curve" },
] as const;

function swatch(name: string): HTMLElement {
  return make("span", { class: `swatch swatch-${name}`, "aria-hidden": "true" });
}

/** Makes the legend. `toggle` is called with the layers that are shown, when they change. */
export function makeLegend(visible: Set<LayerName>, toggle: () => void): Legend {
  const outputs = new Map<string, HTMLElement>();
  const value = (name: string): HTMLElement => {
    const element = make("span", { class: "amount" });
    outputs.set(name, element);
    return element;
  };
  const switches = LAYERS.map(({ name, label, meaning }) => {
    const button = make("button", { type: "button", class: "layer", title: meaning, "aria-pressed": "true",
      onclick: () => {
        if (!visible.delete(name)) visible.add(name);
        button.setAttribute("aria-pressed", String(visible.has(name)));
        toggle();
      } }, swatch(name), label, " ", value(name));
    return make("li", {}, button);
  });
  const lines = LINES.map(({ name, label, meaning }) => make("li", {},
    make("span", { class: "layer", title: meaning }, swatch(name), label, " ", value(name))));
  const secondName = make("span");
  const second = make("li", { hidden: true }, make("span", { class: "layer", title: "bytes held and arenas of the second heap" },
    swatch("other"), secondName));
  const element = make("ul", { class: "kinds", "aria-label": "Kinds of bytes, with their values at the moment" },
    ...lines, ...switches, second);
  return { element,
    show(values) {
      for (const [name, output] of outputs) {
        const amount = values[name as keyof Values];
        setText(output, name === "arenas" ? grouped(amount) : bytesText(amount));
      }
    },
    name(other) {
      second.hidden = other === null;
      secondName.textContent = other;
    } };
}
