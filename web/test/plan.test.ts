import assert from "node:assert/strict";
import { test } from "node:test";
import { arenaRect, hitTest, planHeap, poolColumns, poolRect, type Rect } from "../src/page/plan.ts";

const WIDTHS = [360, 850, 1200];
const ARENAS = [1, 2, 3, 4, 7, 40, 500, 5000, 100_000];
const POOLS = [1, 4, 63, 64, 256];
const HEIGHT = 480;

function overlap(one: Rect, other: Rect): boolean {
  return one.x < other.x + other.width && other.x < one.x + one.width && one.y < other.y + other.height && other.y < one.y + one.height;
}

for (const width of WIDTHS) {
  test(`every heap has a plan within ${width} by ${HEIGHT} pixels`, () => {
    for (const arenas of ARENAS) {
      for (const pools of POOLS) {
        const plan = planHeap(width, HEIGHT, arenas, pools);
        const last = arenaRect(plan, arenas - 1, pools);
        const text = `${arenas} arenas of ${pools} pools`;
        assert.ok(plan.height <= HEIGHT && last.y + last.height <= plan.height, `${text}: ${plan.height}`);
        assert.ok((plan.columns - 1) * plan.stepX + last.width <= width, `${text}: wide`);
      }
    }
  });
}

test("few arenas are drawn by pools, thousands by arenas, and more by groups", () => {
  assert.equal(planHeap(850, HEIGHT, 4, 64).scale, "pools");
  assert.equal(planHeap(850, HEIGHT, 5000, 64).scale, "arenas");
  const groups = planHeap(850, HEIGHT, 100_000, 64);
  assert.equal(groups.scale, "groups");
  assert.ok(groups.grouped > 1);
});

test("no two pools have a point in common", () => {
  const plan = planHeap(360, HEIGHT, 3, 63);
  const rects = [0, 1, 2].flatMap((arena) => Array.from({ length: 63 }, (_, pool) => poolRect(plan, arena, pool)));
  for (const [i, one] of rects.entries()) {
    for (const other of rects.slice(i + 1)) assert.ok(!overlap(one, other));
  }
});

test("what is at the middle of a pool is that pool", () => {
  for (const arenas of [1, 4, 40]) {
    const plan = planHeap(850, HEIGHT, arenas, 63);
    for (let arena = 0; arena < arenas; arena++) {
      for (const pool of [0, 7, 8, 62]) {
        const rect = poolRect(plan, arena, pool);
        const hit = hitTest(plan, rect.x + rect.width / 2, rect.y + rect.height / 2, arenas, () => 63);
        assert.deepEqual(hit, { arena, pool });
      }
    }
  }
});

test("a group's square stands for its first arena, and beside the arenas there is nothing", () => {
  const plan = planHeap(850, HEIGHT, 100_000, 64);
  const rect = arenaRect(plan, plan.grouped * 5 + 1, 64);
  assert.deepEqual(hitTest(plan, rect.x + 1, rect.y + 1, 100_000, () => 64), { arena: plan.grouped * 5, pool: null });
  const small = planHeap(850, HEIGHT, 2, 64);
  assert.equal(hitTest(small, 849, 10, 2, () => 64), null);
  assert.equal(hitTest(small, 10, 5000, 2, () => 64), null);
  assert.equal(hitTest(small, -1, 10, 2, () => 64), null);
});

test("an arena of 64 pools is 8 by 8, one of 256 is 16 by 16", () => {
  assert.deepEqual([1, 2, 4, 63, 64, 256].map(poolColumns), [1, 2, 2, 8, 8, 16]);
});
