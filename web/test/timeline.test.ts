import assert from "node:assert/strict";
import { test } from "node:test";
import { effectOf } from "../src/timeline/keys.ts";
import { layoutOf, opAt } from "../src/timeline/layout.ts";
import { dragged } from "../src/timeline/overview.ts";
import { cut, phaseAt, phaseLabels, phasesOf } from "../src/timeline/phases.ts";
import { byteTicks, countTicks, linear } from "../src/timeline/scale.ts";
import { highest, indexAt, stacked, type LayerName, type Series } from "../src/timeline/series.ts";
import { rowsOf } from "../src/timeline/table.ts";
import { tipText } from "../src/timeline/tip.ts";
import { fitted, inside, LEAST, moved, showing, zoomed } from "../src/timeline/window.ts";

const KIB = 1024;
const series: Series = { op: [0, 10, 20, 30], live: [0, 100, 200, 50], held: [0, 262144, 262144, 262144],
  arenas: [0, 1, 1, 1], rounding: [0, 10, 20, 5], headers: [0, 48, 96, 96], free: [0, 900, 800, 1000],
  unused: [0, 261086, 261028, 260993], raw: [0, 0, 1000, 0],
  high: { held: [0, 262144, 262144, 262144], arenas: [0, 1, 1, 1] } };

test("a scale maps values to pixels and back", () => {
  const scale = linear(100, 300, 68, 1268);
  assert.deepEqual([scale.place(100), scale.place(200), scale.place(300)], [68, 668, 1268]);
  assert.equal(scale.value(scale.place(123)), 123);
});

test("a scale of one value has a place for it", () => {
  assert.equal(linear(5, 5, 10, 20).place(5), 10);
  assert.equal(linear(5, 5, 10, 20).value(17), 5);
});

test("ticks of counts are multiples of 1, 2 or 5 times a power of ten", () => {
  assert.deepEqual(countTicks(0, 43354, 8).map((tick) => tick.text), ["0", "10,000", "20,000", "30,000", "40,000"]);
  assert.deepEqual(countTicks(20012, 20052, 8).map((tick) => tick.value), [20015, 20020, 20025, 20030, 20035, 20040, 20045, 20050]);
});

test("ticks of counts are whole numbers, however narrow the range", () => {
  assert.deepEqual(countTicks(0, 1, 8).map((tick) => tick.value), [0, 1]);
});

test("ticks of bytes are multiples of a power of two, in the unit of the largest value", () => {
  assert.deepEqual(byteTicks(768 * KIB, 5).map((tick) => tick.text), ["0", "256 KiB", "512 KiB", "768 KiB"]);
  assert.deepEqual(byteTicks(0, 5).map((tick) => tick.text), ["0"]);
});

test("a window keeps its width inside the bounds", () => {
  const bounds = { from: 100, to: 1100 };
  assert.deepEqual(fitted(0, 200, bounds), { from: 100, to: 300 });
  assert.deepEqual(fitted(1050, 1250, bounds), { from: 900, to: 1100 });
});

test("a window is not narrower than LEAST, and not wider than its bounds", () => {
  assert.deepEqual(fitted(500, 500, { from: 0, to: 1000 }), { from: 490, to: 490 + LEAST });
  assert.deepEqual(fitted(2, 3, { from: 0, to: 7 }), { from: 0, to: 7 });
});

test("zooming leaves the request under the pointer at its place", () => {
  const window = zoomed({ from: 0, to: 1000 }, 1 / 2, 300, { from: 0, to: 1000 });
  assert.deepEqual(window, { from: 150, to: 650 });
  assert.equal((300 - window.from) / 500, 0.3);
});

test("zooming out ends at the bounds", () => {
  assert.deepEqual(zoomed({ from: 10, to: 60 }, 100, 20, { from: 0, to: 1000 }), { from: 0, to: 1000 });
});

test("a window is moved only as far as a request needs", () => {
  const bounds = { from: 0, to: 1000 };
  const window = { from: 100, to: 200 };
  assert.equal(showing(window, 150, bounds), window);
  assert.deepEqual(showing(window, 210, bounds), { from: 110, to: 210 });
  assert.deepEqual(showing(window, 90, bounds), { from: 90, to: 190 });
  assert.deepEqual(moved(window, -500, bounds), { from: 0, to: 100 });
  assert.equal(inside(2000, bounds), 1000);
});

test("keys move the moment by a request, ten, a tenth of the window, or to the ends", () => {
  const window = { from: 0, to: 1000 };
  const bounds = { from: 0, to: 5000 };
  const op = (key: string, shiftKey = false): unknown => effectOf({ key, shiftKey }, 500, window, bounds);
  assert.deepEqual(["ArrowRight", "ArrowLeft", "PageUp", "PageDown", "Home", "End"].map((key) => op(key)),
    [501, 499, 600, 400, 0, 5000].map((wanted) => ({ op: wanted })));
  assert.deepEqual(op("ArrowRight", true), { op: 510 });
  assert.equal(op("a"), null);
});

test("keys stop at the ends of the clock", () => {
  const bounds = { from: 100, to: 200 };
  assert.deepEqual(effectOf({ key: "ArrowLeft", shiftKey: false }, 100, bounds, bounds), { op: 100 });
  assert.deepEqual(effectOf({ key: "PageUp", shiftKey: false }, 195, bounds, bounds), { op: 200 });
  assert.deepEqual(effectOf({ key: "Home", shiftKey: false }, 150, bounds, bounds), { op: 100 });
});

test("keys zoom around the moment, move the window and show all", () => {
  const bounds = { from: 0, to: 1000 };
  const window = { from: 200, to: 600 };
  const effect = (key: string): unknown => effectOf({ key, shiftKey: false }, 400, window, bounds);
  assert.deepEqual(effect("+"), { window: { from: 300, to: 500 } });
  assert.deepEqual(effect("-"), { window: { from: 0, to: 800 } });
  assert.deepEqual(effect("<"), { window: { from: 100, to: 500 } });
  assert.deepEqual(effect(">"), { window: { from: 300, to: 700 } });
  assert.deepEqual(effect("0"), { window: bounds });
});

test("a pixel has the nearest request, and one outside the chart that of the chart's end", () => {
  const layout = layoutOf(1280, { from: 0, to: 100 }, false);
  assert.equal(opAt(layout, layout.x.place(42)), 42);
  assert.deepEqual([opAt(layout, -50), opAt(layout, 5000)], [0, 100]);
});

test("a narrow chart fits into its width", () => {
  const layout = layoutOf(376, { from: 0, to: 100 }, true);
  assert.ok(layout.left > 0 && layout.right < 376 && layout.right - layout.left > 250);
});

test("the layers of arenas sum up to the bytes held", () => {
  const edges = stacked(series, new Set<LayerName>(["live", "rounding", "headers", "free", "unused"]));
  assert.deepEqual(edges.at(-1)?.top, series.held);
});

test("a layer that is not shown has no edge, and those above it lie lower", () => {
  const edges = stacked(series, new Set<LayerName>(["live", "free"]));
  assert.deepEqual(edges.map(({ layer, top }) => [layer.name, top[2]]), [["live", 200], ["free", 1000]]);
});

test("the chart is as high as the bytes held, also where raw blocks lie above them", () => {
  assert.equal(highest(series, new Set<LayerName>(["live"])), 262144);
  assert.equal(highest(series, new Set<LayerName>(["live", "rounding", "headers", "free", "unused", "raw"])), 263144);
});

test("the chart is as high as a peak between two points", () => {
  const peaked = { ...series, high: { held: [0, 262144, 524288, 262144], arenas: [0, 1, 2, 1] } };
  assert.equal(highest(peaked, new Set<LayerName>(["live"])), 524288);
});

test("the value at a request is that of the last known request at or before it", () => {
  assert.deepEqual([-5, 0, 9, 10, 29, 30, 99].map((op) => indexAt(series.op, op)), [0, 0, 0, 1, 2, 3, 3]);
});

test("a phase lasts to the next mark, the last one to the end", () => {
  const phases = phasesOf([{ op: 0, text: "load" }, { op: 15, text: "work" }], 30);
  assert.deepEqual(phases.map(({ op, end }) => [op, end]), [[0, 15], [15, 30]]);
  assert.deepEqual([0, 15, 16, 30].map((op) => phaseAt(phases, op)?.text), ["load", "load", "work", "work"]);
  assert.equal(phaseAt(phasesOf([{ op: 5, text: "late" }], 30), 5), null);
});

test("a phase's name is cut to the room it has", () => {
  const widthOf = (text: string): number => text.length;
  assert.deepEqual([cut("loading", 7, widthOf), cut("loading", 5, widthOf), cut("loading", 2, widthOf)],
    ["loading", "load…", ""]);
});

test("only phases in the window have labels", () => {
  const phases = phasesOf([{ op: 0, text: "one" }, { op: 10, text: "two" }, { op: 20, text: "three" }], 30);
  const labels = phaseLabels(phases, linear(12, 18, 0, 600), 0, 600, (text) => text.length);
  assert.deepEqual(labels.map((label) => [label.text, label.left, label.right]), [["two", 0, 600]]);
});

test("the table has the ends of the window and the begins of phases", () => {
  const rows = rowsOf(series, phasesOf([{ op: 10, text: "load" }], 30), { from: 0, to: 30 });
  assert.deepEqual(rows, [0, 10, 20, 30]);
});

test("the label of the pointer names the request whose values it has", () => {
  assert.deepEqual(tipText(series, [], 14), ["after request 10", "100 B live of 256 KiB held", "in 1 arena"]);
});

test("dragging in the overview chooses a window; dragging the window moves it", () => {
  const bounds = { from: 0, to: 1000 };
  assert.deepEqual(dragged(300, 100, bounds, bounds), { from: 100, to: 300 });
  assert.deepEqual(dragged(150, 250, { from: 100, to: 200 }, bounds), { from: 200, to: 300 });
  assert.deepEqual(dragged(500, 600, { from: 100, to: 200 }, bounds), { from: 500, to: 600 });
});
