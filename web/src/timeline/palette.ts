import type { LayerName } from "./series.ts";

/** The colours of the chart, as the style sheet has them now. */
export interface Palette {
  readonly layers: Readonly<Record<LayerName, string>>;
  readonly background: string;
  readonly text: string;
  readonly faint: string;
  readonly grid: string;
  readonly axis: string;
  readonly held: string;
  readonly other: string;
  readonly font: string;
}

/** Reads the colours from the custom properties of an element. */
export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    layers: { live: colour("layer-live"), rounding: colour("layer-rounding"), headers: colour("layer-headers"),
      free: colour("layer-free"), unused: colour("layer-unused"), raw: colour("layer-raw") },
    background: colour("background"), text: colour("text"), faint: colour("faint"), grid: colour("grid"),
    axis: colour("axis"), held: colour("text"), other: colour("layer-other"), font: style.fontFamily,
  };
}
