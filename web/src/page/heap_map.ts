import { POOL_STATES, type MapArena, type Session } from "../facts.ts";
import type { Colours } from "./colours.ts";
import { arenaRect, poolRect, type Plan, type Rect } from "./plan.ts";

/** The meaning of a pool's colour: the size class, with the fill as its level, or the fill alone. */
export type Paint = "class" | "fill";

/** The marks that are drawn besides the pools. */
export interface Marks {
  /** Pools whose fields or blocks have changed, as "0:4096". */
  readonly changed: ReadonlySet<string>;
  readonly selected: { arena?: number; pool?: number };
  /** Pools that a free which has not happened would change. */
  readonly ghosts: ReadonlySet<string>;
  /** The arena that it would release. */
  readonly ghostArena?: number | null;
}

/** A canvas that is being drawn on, and what it shows. */
export interface Scene {
  readonly pen: CanvasRenderingContext2D;
  readonly colours: Colours;
  readonly plan: Plan;
  readonly session: Session;
  readonly paint: Paint;
  readonly marks: Marks;
}

const TEXT_LEAST = 30;
const TWO_LINES_LEAST = 40;
const SMALL_TEXT = 11;
const LINE = SMALL_TEXT + 2; // the height of a line of text

/** The share of a pool's blocks that are live. */
export function fillOf(session: Session, arena: MapArena, pool: number): number {
  const blocks = session.classes[arena.szidx[pool] ?? 0]?.blocks ?? 0;
  return blocks === 0 ? 0 : (arena.refCount[pool] ?? 0) / blocks;
}

function drawEmpty({ pen, colours }: Scene, { x, y, width, height }: Rect): void {
  pen.fillStyle = colours.grid;
  pen.fillRect(x, y, width, height);
  pen.strokeStyle = colours.axis;
  pen.beginPath();
  pen.moveTo(x + width * 0.25, y + height * 0.75);
  pen.lineTo(x + width * 0.75, y + height * 0.25);
  if (width >= 5) pen.stroke();
}

function drawVirgin({ pen, colours }: Scene, { x, y, width, height }: Rect): void {
  pen.strokeStyle = colours.grid;
  pen.strokeRect(x + 0.5, y + 0.5, Math.max(1, width - 1), Math.max(1, height - 1));
}

// A pool with live blocks: full height is the full pool.
function drawUsed(scene: Scene, { x, y, width, height }: Rect, colour: string, share: number): void {
  const { pen, colours } = scene;
  if (scene.paint === "fill") {
    pen.fillStyle = colours.shade(share);
    pen.fillRect(x, y, width, height);
    return;
  }
  pen.globalAlpha = 0.22;
  pen.fillStyle = colour;
  pen.fillRect(x, y, width, height);
  pen.globalAlpha = 1;
  const level = share === 1 ? height : Math.min(height - 1, Math.max(1, Math.round(height * share)));
  pen.fillRect(x, y + height - level, width, level);
}

// Writes a text, whose first line of pixels is `top`, so that it can be read above the level of the live blocks and below it.
function writeOn({ pen }: Scene, rect: Rect, text: string, top: number, level: number, above: string, below: string): void {
  const edge = rect.y + rect.height - level;
  const [x, most] = [rect.x + rect.width / 2, rect.width - 2];
  if (edge <= top || edge >= top + LINE) {
    pen.fillStyle = edge <= top ? below : above;
    pen.fillText(text, x, top, most);
    return;
  }
  for (const [from, height, colour] of [[rect.y, edge - rect.y, above], [edge, level, below]] as const) {
    pen.save();
    pen.beginPath();
    pen.rect(rect.x, from, rect.width, height);
    pen.clip();
    pen.fillStyle = colour;
    pen.fillText(text, x, top, most);
    pen.restore();
  }
}

// The bytes of a block, and where there is room the live and all blocks.
function drawText(scene: Scene, rect: Rect, arena: MapArena, pool: number, colour: string, share: number): void {
  const { pen, colours, session, paint } = scene;
  const { bytes, blocks } = session.classes[arena.szidx[pool] ?? 0] ?? { bytes: 0, blocks: 0 };
  const level = paint === "fill" ? rect.height : Math.round(rect.height * share);
  const below = colours.on(paint === "fill" ? colours.shade(share) : colour);
  pen.font = `600 ${SMALL_TEXT}px ${colours.font}`;
  pen.textAlign = "center";
  pen.textBaseline = "top";
  writeOn(scene, rect, String(bytes), rect.y + 4, level, colours.text, below);
  if (rect.height < TWO_LINES_LEAST) return;
  pen.font = `${SMALL_TEXT}px ${colours.font}`;
  writeOn(scene, rect, `${arena.refCount[pool] ?? 0}/${blocks}`, rect.y + rect.height - 3 - LINE, level, colours.text, below);
}

function drawPool(scene: Scene, rect: Rect, arena: MapArena, pool: number): void {
  const state = POOL_STATES[arena.state[pool] ?? 0];
  if (state === "virgin") drawVirgin(scene, rect);
  else if (state === "empty") drawEmpty(scene, rect);
  else {
    const share = fillOf(scene.session, arena, pool);
    const colour = scene.colours.ofClass(arena.szidx[pool] ?? 0, scene.session.classes.length);
    drawUsed(scene, rect, colour, share);
    if (rect.width >= TEXT_LEAST) drawText(scene, rect, arena, pool, colour, share);
  }
}

function outline(pen: CanvasRenderingContext2D, rect: Rect, colour: string, width: number, dashes: number[] = []): void {
  pen.save();
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.setLineDash(dashes);
  const out = width / 2;
  pen.strokeRect(rect.x - out, rect.y - out, rect.width + width, rect.height + width);
  pen.restore();
}

// The pools of a set such as "0:4096" that are in an arena, by their order in it.
function poolsIn(arena: MapArena, names: ReadonlySet<string>, poolBytes: number): number[] {
  return [...names].flatMap((name) => {
    const [slot, offset = 0] = name.split(":").map(Number);
    return slot === arena.slot && offset / poolBytes < arena.count ? [offset / poolBytes] : [];
  });
}

function drawMarks(scene: Scene, arena: MapArena, index: number, poolBytes: number): void {
  const { pen, plan, marks, colours } = scene;
  const width = plan.cell >= 8 ? 2 : 1;
  for (const pool of poolsIn(arena, marks.changed, poolBytes)) outline(pen, poolRect(plan, index, pool), colours.changed, width);
  for (const pool of poolsIn(arena, marks.ghosts, poolBytes)) outline(pen, poolRect(plan, index, pool), colours.ghost, width, [3, 2]);
  const { arena: slot, pool: offset } = marks.selected;
  if (slot !== arena.slot || offset === undefined || offset / poolBytes >= arena.count) return;
  outline(pen, poolRect(plan, index, offset / poolBytes), colours.selected, marks.changed.has(`${slot}:${offset}`) ? 1 : width);
}

function drawLabel({ pen, plan, colours }: Scene, arena: MapArena, rect: Rect): void {
  if (plan.label === 0) return;
  const used = arena.refCount.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0);
  pen.font = `${SMALL_TEXT}px ${colours.font}`;
  pen.textBaseline = "alphabetic";
  pen.textAlign = "left";
  pen.fillStyle = colours.text;
  const name = rect.width >= 110 ? `arena ${arena.slot}` : String(arena.slot);
  pen.fillText(name, rect.x, rect.y - 6, rect.width);
  pen.textAlign = "right";
  pen.fillStyle = colours.faint;
  pen.fillText(`${used}/${arena.count}`, rect.x + rect.width, rect.y - 6);
}

/** The share of an arena's pools that have a live block. */
export function usedShare(arena: MapArena): number {
  return arena.count === 0 ? 0 : arena.refCount.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0) / arena.count;
}

// One square for each arena, or for several.
function drawSquares(scene: Scene, arenas: readonly MapArena[]): void {
  const { pen, plan, colours, marks } = scene;
  const changed = new Set([...marks.changed].map((name) => Number(name.split(":")[0])));
  for (let i = 0; i < arenas.length; i += plan.grouped) {
    const group = arenas.slice(i, i + plan.grouped);
    const share = group.reduce((sum, arena) => sum + usedShare(arena), 0) / group.length;
    const rect = arenaRect(plan, i, 1);
    pen.fillStyle = colours.shade(share);
    pen.fillRect(rect.x, rect.y, rect.width, rect.height);
    if (group.some((arena) => changed.has(arena.slot))) outline(pen, rect, colours.changed, 1);
    if (group.some((arena) => arena.slot === marks.selected.arena)) outline(pen, rect, colours.selected, 1);
  }
}

/** Draws arenas and their pools. */
export function drawHeap(scene: Scene, arenas: readonly MapArena[]): void {
  const { plan } = scene;
  if (plan.scale !== "pools") {
    drawSquares(scene, arenas);
    return;
  }
  for (const [index, arena] of arenas.entries()) {
    drawLabel(scene, arena, arenaRect(plan, index, arena.count));
    for (let pool = 0; pool < arena.count; pool++) drawPool(scene, poolRect(plan, index, pool), arena, pool);
  }
  for (const [index, arena] of arenas.entries()) {
    if (arena.slot === scene.marks.ghostArena) outline(scene.pen, arenaRect(plan, index, arena.count), scene.colours.ghost, 2, [6, 4]);
  }
  for (const [index, arena] of arenas.entries()) drawMarks(scene, arena, index, scene.session.geometry.pool_bytes);
}
