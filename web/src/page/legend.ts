import type { Session } from "../facts.ts";
import { make } from "../parts/dom.ts";
import { coloursNow } from "./colours.ts";
import type { Paint } from "./heap_map.ts";
import type { View } from "./link.ts";

const STEPS = 12;

function ramp(colours: readonly string[], from: string, to: string): HTMLElement {
  return make("li", { class: "ramp" }, make("span", {}, from), make("span", { class: "ramp-colours" },
    ...colours.map((colour) => {
      const part = make("span");
      part.style.background = colour;
      return part;
    })), make("span", {}, to));
}

function key(name: string, text: string): HTMLElement {
  return make("li", {}, make("span", { class: `key key-${name}` }), text);
}

/** The legend: the meanings of the colours and marks of a picture. */
export function makeLegend(view: View, paint: Paint, session: Session): HTMLElement {
  if (view === "pool" || view === "block") {
    return make("ul", { class: "legend" }, ...[["header", "header"], ["live", "live"], ["rounding", "rounding of a live block"], ["free", "free, with its link"],
      ["virgin", "never carved"], ["waste", "rest"], ["changed", "changed"]].map(([name = "", text = ""]) => key(name, text)));
  }
  const colours = coloursNow();
  const { classes } = session;
  const share = (i: number): number => i / (STEPS - 1);
  const shades = paint === "fill" ? ramp(Array.from({ length: 9 }, (_, i) => colours.shade(i / 9 + 0.01)), "few blocks live", "full")
    : ramp(Array.from({ length: STEPS }, (_, i) => colours.ofClass(Math.round(classes.length ** share(i)) - 1, classes.length)),
      `blocks of ${classes[0]?.bytes ?? 0} B`, `${classes.at(-1)?.bytes ?? 0} B, filled to the share that is live`);
  return make("ul", { class: "legend" }, shades, key("empty", "empty pool"), key("virgin", "never carved"), key("changed", "changed"), key("selected", "selected"));
}
