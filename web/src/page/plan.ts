/** A rectangle of the map, in pixels. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** How many squares are drawn: one for each pool, one for each arena, or one for several arenas. */
export type Scale = "pools" | "arenas" | "groups";

/** Where the arenas of a heap and their pools are on the map. */
export interface Plan {
  readonly scale: Scale;
  readonly width: number;
  readonly height: number;
  /** Arenas in a row, pools in a row of an arena, and arenas in a square of "groups" (else 1). */
  readonly columns: number;
  readonly poolColumns: number;
  readonly grouped: number;
  /** The side of a square, the distance between two, and the distance from one arena to the next. */
  readonly cell: number;
  readonly gap: number;
  readonly stepX: number;
  readonly stepY: number;
  /** The height of the line above an arena; 0: there is no room for it. */
  readonly label: number;
}

const LABEL = 18;
const ARENA_GAP = 16;
const SMALL_GAP = 6;
const CELL_MOST = 44;
const CELL_LEAST = 3;
// A single arena is wider than high where there is room.
const WIDE_LEAST = 700;
const WIDE_POOLS_LEAST = 32;
const NEARLY = 0.7;
const SQUARES = [14, 10, 7, 5, 4, 3];

/** The number of pools in a row of an arena: a square, or the power of two that is nearest to one. */
export function poolColumns(pools: number): number {
  return Math.max(1, 2 ** Math.ceil(Math.log2(Math.max(1, pools)) / 2));
}

// The plan with pools of that size, and the height that it needs.
function poolPlan(width: number, arenas: number, pools: number, cell: number): Plan {
  const isWide = arenas === 1 && pools >= WIDE_POOLS_LEAST && width >= WIDE_LEAST;
  const columnsOfPools = poolColumns(pools) * (isWide ? 2 : 1);
  const gap = cell >= 40 ? 4 : cell >= 8 ? 2 : cell >= 5 ? 1 : 0;
  const between = cell >= 8 ? ARENA_GAP : SMALL_GAP;
  const side = columnsOfPools * (cell + gap) - gap;
  const label = side >= 64 ? LABEL : 0;
  const stepX = side + between;
  const stepY = label + Math.ceil(pools / columnsOfPools) * (cell + gap) - gap + between;
  const columns = Math.max(1, Math.min(arenas, Math.floor((width + between) / stepX)));
  return { scale: "pools", width, height: Math.ceil(arenas / columns) * stepY - between, columns, poolColumns: columnsOfPools,
    grouped: 1, cell, gap, stepX, stepY, label };
}

function squarePlan(width: number, arenas: number, cell: number, group: number): Plan {
  const gap = cell >= 5 ? 2 : 1;
  const step = cell + gap;
  const columns = Math.max(1, Math.floor((width + gap) / step));
  const squares = Math.ceil(arenas / group);
  return { scale: group === 1 ? "arenas" : "groups", width, height: Math.max(step, Math.ceil(squares / columns) * step) - gap,
    columns: Math.min(columns, Math.max(1, squares)), poolColumns: 1, grouped: group, cell, gap, stepX: step, stepY: step, label: 0 };
}

// The plan of the least height, which leaves the least room empty; of two such, the one with larger squares.
function flattest(plans: readonly Plan[]): Plan {
  return plans.reduce((best, plan) => plan.height < best.height && plan.columns > best.columns ? plan : best);
}

/**
 * The plan with about the largest squares at which all arenas have room: of pools, or else of arenas, or else of groups of as
 * few arenas as possible.
 */
export function planHeap(width: number, height: number, arenas: number, pools: number, most = CELL_MOST): Plan {
  const wide = Math.max(40, width);
  const fitting = Array.from({ length: most - CELL_LEAST + 1 }, (_, i) => poolPlan(wide, arenas, pools, most - i))
    .filter((plan) => plan.height <= height && plan.stepX - ARENA_GAP <= wide);
  const [largest] = fitting;
  if (largest) return flattest(fitting.filter(({ cell }) => cell >= largest.cell * NEARLY));
  for (const cell of SQUARES) {
    const plan = squarePlan(wide, arenas, cell, 1);
    if (plan.height <= height) return plan;
  }
  const last = SQUARES.at(-1) ?? 3;
  const perArena = squarePlan(wide, arenas, last, 1);
  const rows = Math.max(1, Math.floor((height + perArena.gap) / perArena.stepY));
  return squarePlan(wide, arenas, last, Math.ceil(arenas / (perArena.columns * rows)));
}

/** Where the arena of that index is, without its label; for groups, the square that it is in. */
export function arenaRect(plan: Plan, index: number, pools: number): Rect {
  const square = Math.floor(index / plan.grouped);
  const x = (square % plan.columns) * plan.stepX;
  const y = Math.floor(square / plan.columns) * plan.stepY + plan.label;
  if (plan.scale !== "pools") return { x, y, width: plan.cell, height: plan.cell };
  const step = plan.cell + plan.gap;
  const rows = Math.ceil(pools / plan.poolColumns);
  return { x, y, width: plan.poolColumns * step - plan.gap, height: rows * step - plan.gap };
}

/** Where a pool is, by the indices of its arena and its own. */
export function poolRect(plan: Plan, arena: number, pool: number): Rect {
  const { x, y } = arenaRect(plan, arena, 1);
  const step = plan.cell + plan.gap;
  return { x: x + (pool % plan.poolColumns) * step, y: y + Math.floor(pool / plan.poolColumns) * step, width: plan.cell, height: plan.cell };
}

/** The indices at a point: of an arena (the first one of its group), and of a pool where there is one. */
export function hitTest(plan: Plan, x: number, y: number, arenas: number, pools: (arena: number) => number):
  { arena: number; pool: number | null } | null {
  const column = Math.floor(x / plan.stepX);
  const square = Math.floor(y / plan.stepY) * plan.columns + column;
  const arena = square * plan.grouped;
  if (x < 0 || y < 0 || column >= plan.columns || arena >= arenas) return null;
  const rect = arenaRect(plan, arena, pools(arena));
  if (x > rect.x + rect.width || y > rect.y + rect.height) return null;
  if (plan.scale !== "pools" || y < rect.y) return { arena, pool: null };
  const step = plan.cell + plan.gap;
  const poolColumn = Math.min(plan.poolColumns - 1, Math.floor((x - rect.x) / step));
  const pool = Math.floor((y - rect.y) / step) * plan.poolColumns + poolColumn;
  return { arena, pool: pool < pools(arena) ? pool : null };
}
