import type { Block, PoolFacts } from "../facts.ts";
import type { Rect } from "./plan.ts";

export type PartKind = "header" | "live" | "rounding" | "free" | "virgin" | "waste";

/** A run of bytes of a pool. */
export interface PoolPart {
  readonly kind: PartKind;
  readonly from: number;
  readonly to: number;
  /** The offset of the block that it is or is part of. */
  readonly block?: number;
}

/** Where the bytes of a pool are: rows of equal length, to scale. */
export interface PoolPlan {
  readonly rows: number;
  readonly rowBytes: number;
  readonly rowHeight: number;
  readonly rowStep: number;
  /** Pixels of a byte. */
  readonly scale: number;
  readonly left: number;
  readonly height: number;
}

const ROWS_MOST = 16;
const NARROW_ROWS_MOST = 32;
const ROW_BYTES_LEAST = 64;
const LEFT = 44;
const ROW_GAP = 5;
const TALLEST = 30;

export function planPool(width: number, poolBytes: number): PoolPlan {
  const most = width < 600 ? NARROW_ROWS_MOST : ROWS_MOST;
  const rows = Math.max(1, Math.min(most, Math.ceil(poolBytes / ROW_BYTES_LEAST)));
  const rowBytes = Math.ceil(poolBytes / rows);
  const rowHeight = rows > ROWS_MOST ? 16 : rows <= 4 ? 44 : Math.min(TALLEST, 24);
  const rowStep = rowHeight + ROW_GAP;
  return { rows, rowBytes, rowHeight, rowStep, scale: (width - LEFT - 2) / rowBytes, left: LEFT, height: rows * rowStep - ROW_GAP + 4 };
}

/** The parts of a pool, from its first byte to its last: each byte is in one part. */
export function partsOf(pool: PoolFacts, poolBytes: number): PoolPart[] {
  if (pool.state === "virgin") return [{ kind: "virgin", from: 0, to: poolBytes }];
  const parts: PoolPart[] = [{ kind: "header", from: 0, to: pool.overhead }];
  for (const { offset, state, bytes } of pool.blocks) {
    const end = offset + pool.block_bytes;
    const used = state === "live" && typeof bytes === "number" && bytes < pool.block_bytes ? offset + Math.max(1, bytes) : end;
    parts.push({ kind: state === "cached" ? "free" : state, from: offset, to: used, block: offset });
    if (used < end) parts.push({ kind: "rounding", from: used, to: end, block: offset });
  }
  const end = parts.at(-1)?.to ?? 0;
  if (end < poolBytes) parts.push({ kind: pool.blocks.length === 0 ? "virgin" : "waste", from: end, to: poolBytes });
  return parts;
}

/** The rectangles of a run of bytes: one in each row that it is in. */
export function rectsOf(plan: PoolPlan, from: number, to: number): Rect[] {
  const rects: Rect[] = [];
  for (let at = from; at < to;) {
    const row = Math.floor(at / plan.rowBytes);
    const end = Math.min(to, (row + 1) * plan.rowBytes);
    rects.push({ x: plan.left + (at - row * plan.rowBytes) * plan.scale, y: row * plan.rowStep + 2, width: (end - at) * plan.scale,
      height: plan.rowHeight });
    at = end;
  }
  return rects;
}

/** The middle of the first bytes of a block, where its link is. */
export function linkPoint(plan: PoolPlan, offset: number, blockBytes: number): { x: number; y: number } {
  const [rect] = rectsOf(plan, offset, offset + Math.min(8, blockBytes));
  if (!rect) return { x: 0, y: 0 };
  return { x: rect.x + Math.min(rect.width / 2, 10), y: rect.y + rect.height / 2 };
}

/** The offset of the byte at a point; null where there is none. */
export function offsetAt(plan: PoolPlan, x: number, y: number, poolBytes: number): number | null {
  const row = Math.floor((y - 2) / plan.rowStep);
  const column = Math.floor((x - plan.left) / plan.scale);
  const offset = row * plan.rowBytes + column;
  return row < 0 || column < 0 || column >= plan.rowBytes || offset >= poolBytes ? null : offset;
}

/** The block in which an offset is; null where there is none. */
export function blockAt(pool: PoolFacts, offset: number): Block | null {
  if (pool.block_bytes === 0 || offset < pool.overhead) return null;
  return pool.blocks[Math.floor((offset - pool.overhead) / pool.block_bytes)] ?? null;
}
