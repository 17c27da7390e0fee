import { phaseLabels, type Phase } from "./phases.ts";
import { byteTicks, countTicks, linear, type Scale, type Tick } from "./scale.ts";
import { greatest, stacked, type LayerName, type Series } from "./series.ts";
import type { Layout, Panel } from "./layout.ts";
import type { Palette } from "./palette.ts";

/** A canvas with the pixels of its screen. */
export type Pen = CanvasRenderingContext2D;

/** Another curve of bytes held and of arenas, drawn as dashed lines. */
export interface Other {
  readonly op: readonly number[];
  readonly held: readonly number[];
  readonly arenas: readonly number[];
}

/** What the chart shows. */
export interface Picture {
  readonly series: Series;
  readonly visible: ReadonlySet<LayerName>;
  readonly phases: readonly Phase[];
  readonly other: Other | null;
  readonly highest: number;
}

const DASH = [5, 4];

// The outline of a curve whose values hold until the next one, from the left to the right.
function trace(pen: Pen, layout: Layout, op: readonly number[], values: readonly number[], y: Scale): void {
  values.forEach((value, i) => {
    const left = layout.x.place(op[i] ?? 0);
    const place = y.place(value);
    pen.lineTo(left, place);
    const next = op[i + 1];
    if (next !== undefined) pen.lineTo(layout.x.place(next), place);
  });
}

// The area between two curves.
function fillBetween(pen: Pen, layout: Layout, op: readonly number[], top: readonly number[],
  base: readonly number[], y: Scale): void {
  pen.beginPath();
  trace(pen, layout, op, top, y);
  for (let i = op.length - 1; i >= 0; i--) {
    const place = y.place(base[i] ?? 0);
    const next = op[i + 1];
    if (next !== undefined) pen.lineTo(layout.x.place(next), place);
    pen.lineTo(layout.x.place(op[i] ?? 0), place);
  }
  pen.closePath();
  pen.fill();
}

function strokeCurve(pen: Pen, layout: Layout, op: readonly number[], values: readonly number[], y: Scale,
  colour: string, width: number, dash: number[] = []): void {
  pen.save();
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.setLineDash(dash);
  pen.beginPath();
  trace(pen, layout, op, values, y);
  pen.stroke();
  pen.restore();
}

// The greatest values between two points, where the curve alone would miss a peak. They belong to the requests since the
// point before: each is drawn one point earlier.
function strokePeaks(pen: Pen, layout: Layout, op: readonly number[], high: readonly number[], y: Scale, palette: Palette): void {
  strokeCurve(pen, layout, op, [...high.slice(1), high.at(-1) ?? 0], y, palette.axis, 1);
}

function clipped(pen: Pen, layout: Layout, panel: Panel, draw: () => void): void {
  pen.save();
  pen.beginPath();
  pen.rect(layout.left, panel.top - 2, layout.right - layout.left, panel.bottom - panel.top + 3);
  pen.clip();
  draw();
  pen.restore();
}

function drawRows(pen: Pen, layout: Layout, ticks: readonly Tick[], y: Scale, palette: Palette): void {
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  for (const tick of ticks) {
    const place = Math.round(y.place(tick.value)) + 0.5;
    pen.strokeStyle = palette.grid;
    pen.beginPath();
    pen.moveTo(layout.left, place);
    pen.lineTo(layout.right, place);
    pen.stroke();
    pen.fillStyle = palette.faint;
    pen.fillText(tick.text, layout.left - 6, place);
  }
}

function drawBytes(pen: Pen, layout: Layout, picture: Picture, palette: Palette): void {
  const { series, other } = picture;
  const y = linear(0, Math.max(1, picture.highest), layout.bytes.bottom, layout.bytes.top);
  drawRows(pen, layout, byteTicks(Math.max(1, picture.highest), 5), y, palette);
  clipped(pen, layout, layout.bytes, () => {
    let base: readonly number[] = new Array<number>(series.op.length).fill(0);
    for (const { layer, top } of stacked(series, picture.visible)) {
      pen.fillStyle = palette.layers[layer.name];
      fillBetween(pen, layout, series.op, top, base, y);
      strokeCurve(pen, layout, series.op, top, y, palette.background, 1);
      base = top;
    }
    strokePeaks(pen, layout, series.op, series.high.held, y, palette);
    strokeCurve(pen, layout, series.op, series.held, y, palette.held, 1.5);
    if (other) strokeCurve(pen, layout, other.op, other.held, y, palette.other, 2, DASH);
  });
  drawName(pen, "bytes", layout, layout.bytes, palette);
}

function drawArenas(pen: Pen, layout: Layout, picture: Picture, palette: Palette): void {
  const { series, other } = picture;
  const most = Math.max(1, greatest(series.high.arenas), greatest(other?.arenas ?? []));
  const y = linear(0, most, layout.arenas.bottom, layout.arenas.top);
  drawRows(pen, layout, countTicks(0, most, 2), y, palette);
  clipped(pen, layout, layout.arenas, () => {
    strokePeaks(pen, layout, series.op, series.high.arenas, y, palette);
    strokeCurve(pen, layout, series.op, series.arenas, y, palette.held, 1.5);
    if (other) strokeCurve(pen, layout, other.op, other.arenas, y, palette.other, 2, DASH);
  });
  drawName(pen, "arenas", layout, layout.arenas, palette);
}

// The name of a panel, inside it at its left.
function drawName(pen: Pen, text: string, layout: Layout, panel: Panel, palette: Palette): void {
  pen.textAlign = "left";
  pen.textBaseline = "top";
  pen.fillStyle = palette.background;
  pen.fillRect(layout.left + 3, panel.top + 1, pen.measureText(text).width + 6, 16);
  pen.fillStyle = palette.faint;
  pen.fillText(text, layout.left + 6, panel.top + 3);
}

function drawColumns(pen: Pen, layout: Layout, palette: Palette): void {
  const ticks = countTicks(layout.x.value(layout.left), layout.x.value(layout.right), layout.width < 560 ? 4 : 8);
  pen.textBaseline = "top";
  pen.textAlign = "right";
  pen.strokeStyle = palette.axis;
  pen.fillStyle = palette.faint;
  pen.fillText("request", layout.left - 6, layout.arenas.bottom + 7);
  for (const tick of ticks) {
    const place = Math.round(layout.x.place(tick.value)) + 0.5;
    pen.beginPath();
    pen.moveTo(place, layout.arenas.bottom);
    pen.lineTo(place, layout.arenas.bottom + 4);
    pen.stroke();
    const half = pen.measureText(tick.text).width / 2;
    pen.textAlign = place + half > layout.width ? "right" : "center";
    pen.fillText(tick.text, pen.textAlign === "right" ? layout.width : place, layout.arenas.bottom + 7);
  }
}

function drawPhases(pen: Pen, layout: Layout, picture: Picture, palette: Palette): void {
  const labels = phaseLabels(picture.phases, layout.x, layout.left, layout.right, (text) => pen.measureText(text).width);
  pen.textAlign = "left";
  pen.textBaseline = "middle";
  for (const { phase, left, text } of labels) {
    if (layout.x.place(phase.op) >= layout.left) {
      pen.strokeStyle = palette.axis;
      pen.setLineDash([2, 3]);
      pen.beginPath();
      pen.moveTo(Math.round(left) + 0.5, layout.phases.top + 2);
      pen.lineTo(Math.round(left) + 0.5, layout.arenas.bottom);
      pen.stroke();
      pen.setLineDash([]);
    }
    pen.fillStyle = palette.text;
    pen.fillText(text, left + 5, (layout.phases.top + layout.phases.bottom) / 2);
  }
}

/** Draws the curves, the axes and the phases. */
export function drawChart(pen: Pen, layout: Layout, picture: Picture, palette: Palette): void {
  pen.font = `12px ${palette.font}`;
  pen.lineWidth = 1;
  pen.lineJoin = "round";
  drawBytes(pen, layout, picture, palette);
  drawArenas(pen, layout, picture, palette);
  drawColumns(pen, layout, palette);
  drawPhases(pen, layout, picture, palette);
}

/** Draws the lines of the moment and of the pointer over the curves. */
export function drawCursor(pen: Pen, layout: Layout, op: number, pointed: number | null, palette: Palette): void {
  const line = (at: number, colour: string, width: number): void => {
    const place = layout.x.place(at);
    if (place < layout.left - 1 || place > layout.right + 1) return;
    pen.fillStyle = colour;
    pen.fillRect(Math.round(place - width / 2), layout.bytes.top - 4, width, layout.arenas.bottom - layout.bytes.top + 4);
  };
  if (pointed !== null && pointed !== op) line(pointed, palette.axis, 1);
  line(op, palette.background, 4);
  line(op, palette.text, 2);
}
