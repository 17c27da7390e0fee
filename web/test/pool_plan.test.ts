import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Moment, PoolFacts, Session } from "../src/facts.ts";
import { blockAt, offsetAt, partsOf, planPool, rectsOf } from "../src/page/pool_plan.ts";
import { openNativeEngine } from "./native.ts";

const engine = openNativeEngine();
after(() => { engine.stop(); });

async function poolsOf(profile: string): Promise<{ session: Session; pools: PoolFacts[] }> {
  const session = await engine.call<Session>("open", "@startup", { geometry: { profile }, to: 6000 });
  const moment = await engine.call<Moment>("seek", session.session, 6000);
  const { slot, ntotalpools } = moment.arenas[0] ?? { slot: 0, ntotalpools: 0 };
  const pools = await Promise.all(Array.from({ length: ntotalpools }, (_, i) =>
    engine.call<PoolFacts>("pool", session.session, slot, i * session.geometry.pool_bytes)));
  return { session, pools };
}

for (const profile of ["3.6", "3.11", "classroom"]) {
  test(`each byte of a pool is in one part, with profile ${profile}`, async () => {
    const { session, pools } = await poolsOf(profile);
    assert.ok(pools.some(({ state }) => state !== "virgin"));
    for (const pool of pools) {
      let at = 0;
      for (const { from, to } of partsOf(pool, session.geometry.pool_bytes)) {
        assert.ok(from === at && to > from, `${pool.address}: ${from} to ${to} after ${at}`);
        at = to;
      }
      assert.equal(at, session.geometry.pool_bytes);
    }
  });
}

test("the rest behind the last block is the waste of the size class", async () => {
  const { session, pools } = await poolsOf("3.6");
  for (const pool of pools.filter(({ state }) => state !== "virgin")) {
    const waste = partsOf(pool, session.geometry.pool_bytes).filter(({ kind }) => kind === "waste");
    assert.equal(waste.reduce((sum, { from, to }) => sum + to - from, 0), session.classes[pool.szidx]?.waste);
  }
});

test("bytes are drawn to scale, in each row that they are in", () => {
  for (const [width, bytes] of [[850, 4096], [360, 4096], [850, 16384], [850, 256]] as const) {
    const plan = planPool(width, bytes);
    const area = (from: number, to: number): number => rectsOf(plan, from, to).reduce((sum, rect) => sum + rect.width, 0);
    assert.ok(Math.abs(area(0, bytes) - bytes * plan.scale) < 1e-6);
    assert.ok(Math.abs(area(100, 228) - 128 * plan.scale) < 1e-6);
    for (const rect of rectsOf(plan, 0, bytes)) assert.ok(rect.x + rect.width <= width && rect.y + rect.height <= plan.height);
  }
});

test("what is at the first pixel of a byte is that byte", () => {
  const plan = planPool(850, 4096);
  for (const offset of [0, 47, 255, 256, 1000, 4095]) {
    const [rect] = rectsOf(plan, offset, offset + 1);
    assert.ok(rect);
    assert.equal(offsetAt(plan, rect.x + rect.width / 2, rect.y + 1, 4096), offset);
  }
  assert.equal(offsetAt(plan, 2, 10, 4096), null);
  assert.equal(offsetAt(plan, 400, 5000, 4096), null);
});

test("the block at an offset is the one that contains it", async () => {
  const { pools } = await poolsOf("3.6");
  const pool = pools.find(({ state }) => state === "used");
  assert.ok(pool);
  const [first, second] = pool.blocks;
  assert.ok(first && second);
  assert.equal(blockAt(pool, first.offset + pool.block_bytes - 1), first);
  assert.equal(blockAt(pool, second.offset), second);
  assert.equal(blockAt(pool, pool.overhead - 1), null);
  assert.equal(blockAt(pool, pool.overhead + pool.blocks.length * pool.block_bytes), null);
});

test("a run of bytes in two rows has two rectangles", () => {
  const plan = planPool(850, 4096);
  assert.equal(rectsOf(plan, 200, 300).length, 2);
});
