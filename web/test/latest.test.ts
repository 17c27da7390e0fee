import assert from "node:assert/strict";
import { test } from "node:test";
import { latest } from "../src/parts/latest.ts";

const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

test("of the arguments that come while a call is under way, only the newest is run", async () => {
  const seen: number[] = [];
  const go = latest(async (argument: number) => { seen.push(argument); await turn(); });
  for (let i = 1; i <= 100; i++) go(i);
  for (let i = 0; i < 5; i++) await turn();
  assert.deepEqual(seen, [1, 100]);
});

test("a call after the last one has ended is run", async () => {
  const seen: number[] = [];
  const go = latest((argument: number) => { seen.push(argument); return Promise.resolve(); });
  go(1);
  await turn();
  go(2);
  assert.deepEqual(seen, [1, 2]);
});
