import type { Block, PoolFacts, Session } from "../facts.ts";
import { densityNow } from "../parts/canvas.ts";
import type { Colours } from "./colours.ts";
import { linkPoint, partsOf, rectsOf, type PartKind, type PoolPart, type PoolPlan } from "./pool_plan.ts";
import type { Rect } from "./plan.ts";

/** The most links of the free chain that are drawn. */
export const LINKS_MOST = 200;

const MANY_LINKS = 12;
const HEAD = 6;
const TEXT_LEAST = 26;
const GAP = 1;
const TILE = 8; // the side of a tile of a hatch

/** The blocks that are outlined: those that have changed, one of a free that has not happened, the selected one. */
export interface PoolMarks {
  readonly changed: readonly number[];
  readonly ghost: number | undefined;
  readonly selected: number | undefined;
}

/** A canvas that is being drawn on, and the pool that it shows. */
export interface PoolScene {
  readonly pen: CanvasRenderingContext2D;
  readonly plan: PoolPlan;
  readonly pool: PoolFacts;
  readonly session: Session;
  readonly colours: Colours;
  readonly marks: PoolMarks;
}

// A rectangle without the gap between it and the next one.
function addRect(pen: CanvasRenderingContext2D, { x, y, width, height }: Rect): void {
  pen.rect(x + GAP / 2, y, Math.max(0.5, width - GAP), height);
}

const hatches = new Map<string, CanvasPattern | null>();

// Lines of a colour from the upper right to the lower left. A tile has the line through its middle, and the corners of its
// neighbours' lines.
function hatch(pen: CanvasRenderingContext2D, colour: string, width: number): CanvasPattern | string {
  const density = densityNow();
  const key = `${colour} ${width} ${density}`;
  if (!hatches.has(key)) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = TILE * density;
    const tilePen = tile.getContext("2d");
    tilePen?.scale(density, density);
    if (tilePen) {
      tilePen.strokeStyle = colour;
      tilePen.lineWidth = width;
      for (const from of [-TILE, 0, TILE]) {
        tilePen.moveTo(from + TILE + 1, -1);
        tilePen.lineTo(from - 1, TILE + 1);
      }
      tilePen.stroke();
    }
    const pattern = pen.createPattern(tile, "repeat");
    pattern?.setTransform(new DOMMatrix().scale(1 / density));
    hatches.set(key, pattern);
  }
  return hatches.get(key) ?? colour;
}

function drawKind({ pen, plan, colours }: PoolScene, kind: PartKind, parts: readonly PoolPart[], live: string): void {
  pen.beginPath();
  for (const { from, to } of parts) for (const rect of rectsOf(plan, from, to)) addRect(pen, rect);
  pen.fillStyle = { header: colours.faint, live, free: colours.background, virgin: colours.virgin,
    rounding: hatch(pen, `${live}8c`, 4), waste: hatch(pen, colours.axis, 1.5) }[kind];
  pen.fill();
  if (kind !== "free") return;
  pen.strokeStyle = colours.axis;
  pen.lineWidth = 1;
  pen.stroke();
}

function textOf(part: PoolPart, block: Block | undefined, width: number): string {
  if (part.kind === "header") return width > 84 ? "pool_header" : width > 48 ? "header" : "";
  if (part.kind === "waste") return width > 60 ? `${part.to - part.from} B rest` : "";
  if (part.kind === "free") return width > 60 ? String(part.from) : "";
  if (part.kind !== "live" || width < TEXT_LEAST) return "";
  const id = `#${block?.id ?? ""}`;
  const long = `${id} · ${block?.bytes ?? 0} B`;
  return width > long.length * 7 ? long : width > id.length * 7 ? id : "";
}

function drawTexts({ pen, plan, pool, colours }: PoolScene, parts: readonly PoolPart[], live: string): void {
  const blocks = new Map(pool.blocks.map((block) => [block.offset, block]));
  const onLive = colours.on(live);
  pen.textAlign = "center";
  for (const part of parts) {
    const [first] = rectsOf(plan, part.from, part.to);
    const text = first ? textOf(part, blocks.get(part.block ?? -1), first.width) : "";
    if (!first || text === "") continue;
    pen.fillStyle = part.kind === "header" ? colours.background : part.kind === "live" ? onLive : colours.faint;
    pen.fillText(text, first.x + first.width / 2, first.y + first.height / 2);
  }
}

function drawOffsets({ pen, plan, colours }: PoolScene): void {
  pen.font = `11px ${colours.font}`;
  pen.textBaseline = "middle";
  pen.textAlign = "right";
  pen.fillStyle = colours.faint;
  for (let row = 0; row < plan.rows; row++) pen.fillText(String(row * plan.rowBytes), plan.left - 8, row * plan.rowStep + 2 + plan.rowHeight / 2);
}

interface Point { x: number; y: number }

// Links of the free chain, as curves that leave their rows, and the heads of their arrows.
function drawLinks({ pen, plan, colours }: PoolScene, links: readonly (readonly [Point, Point])[], width: number, opacity: number): void {
  pen.strokeStyle = pen.fillStyle = colours.chain;
  pen.lineWidth = width;
  pen.globalAlpha = opacity;
  pen.beginPath();
  for (const [from, to] of links) {
    const bend = from.y === to.y ? plan.rowHeight * 0.9 : 0;
    const middle = (from.x + to.x) / 2;
    pen.moveTo(from.x, from.y);
    pen.bezierCurveTo(middle, from.y - bend, middle, to.y - bend, to.x, to.y);
  }
  pen.stroke();
  pen.globalAlpha = 1;
  pen.beginPath();
  for (const [from, to] of links) {
    const back = to.x < (from.x + to.x) / 2 ? HEAD : -HEAD;
    pen.moveTo(to.x, to.y);
    pen.lineTo(to.x + back, to.y - HEAD / 2);
    pen.lineTo(to.x + back, to.y + HEAD / 2);
    pen.closePath();
  }
  pen.fill();
}

function drawChain(scene: PoolScene): void {
  const { plan, pool } = scene;
  const points = pool.freelist.slice(0, LINKS_MOST).map((offset) => linkPoint(plan, offset, pool.block_bytes));
  const [top] = rectsOf(plan, 0, pool.overhead);
  const header = { x: (top?.x ?? 0) + (top?.width ?? 0) - 6, y: 2 + plan.rowHeight - 5 };
  const links = points.map((point, i) => [points[i - 1] ?? header, point] as const);
  drawLinks(scene, links.slice(1), 1, links.length - 1 > MANY_LINKS ? 0.4 : 0.75);
  drawLinks(scene, links.slice(0, 1), 1.75, 1);
}

function drawOutlines({ pen, plan, pool }: PoolScene, blocks: readonly number[], colour: string, width: number, dashes: readonly number[] = []): void {
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.setLineDash(dashes);
  pen.beginPath();
  for (const block of blocks) for (const rect of rectsOf(plan, block, block + pool.block_bytes)) addRect(pen, rect);
  pen.stroke();
  pen.setLineDash([]);
}

/** Draws a pool. */
export function drawPool(scene: PoolScene): void {
  const { pool, session, colours, marks } = scene;
  const parts = partsOf(pool, session.geometry.pool_bytes);
  const live = colours.ofClass(Math.max(0, pool.szidx), session.classes.length);
  const kinds = new Map<PartKind, PoolPart[]>();
  for (const part of parts) {
    const same = kinds.get(part.kind);
    if (same) same.push(part);
    else kinds.set(part.kind, [part]);
  }
  drawOffsets(scene);
  for (const [kind, some] of kinds) drawKind(scene, kind, some, live);
  drawOutlines(scene, marks.changed, colours.changed, 3);
  drawOutlines(scene, marks.ghost === undefined ? [] : [marks.ghost], colours.ghost, 2, [4, 3]);
  drawOutlines(scene, marks.selected === undefined ? [] : [marks.selected], colours.selected, 1.5);
  drawChain(scene);
  drawTexts(scene, parts, live);
}
