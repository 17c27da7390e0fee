import assert from "node:assert/strict";
import { after, test } from "node:test";
import { readMap, type ArenaFacts, type Moment, type PoolFacts, type Session } from "../src/facts.ts";
import { mergedChanges } from "../src/page/apply.ts";
import { classColour, luminance } from "../src/page/colours.ts";
import { Chains } from "../src/page/lists.ts";
import { splitLine } from "../src/page/struct_view.ts";
import { openNativeEngine } from "./native.ts";

const engine = openNativeEngine();
after(() => { engine.stop(); });

test("a free that empties a pool changes the ring it leaves and the list of empty pools", async () => {
  const session = await engine.call<Session>("openText", "a 1 24\na 2 100\nf 1\n", { geometry: { profile: "3.6" } });
  const handle = session.session;
  const chains = async (op: number): Promise<Chains> => {
    const moment = await engine.call<Moment>("seek", handle, op);
    return new Chains({ moment, map: readMap(await engine.bytes("map", handle)), arena: await engine.call<ArenaFacts>("arena", handle, 0),
      pool: await engine.call<PoolFacts>("pool", handle, 0, 0) }, session, { arena: 0, pool: 0 }, mergedChanges(moment.events));
  };
  const before = await chains(2);
  assert.deepEqual(before.rings().map(({ head, links }) => [head, links.map(({ name, detail }) => `${name} ${detail ?? ""}`)]), [["class 2", ["0:0 1/168"]], ["class 12", ["0:4096 1/38"]]]);
  assert.equal(before.rings()[0]?.isHeadChanged, false);
  assert.deepEqual(before.freePools()?.links, []);
  const end = await chains(3);
  assert.deepEqual(end.rings().map(({ head }) => head), ["class 12"]);
  assert.deepEqual(end.freePools()?.links.map(({ name, isChanged, isSelected }) => [name, isChanged, isSelected]), [["0:0", true, true]]);
  assert.equal(end.freePools()?.isHeadChanged, true);
  assert.deepEqual(end.freeBlocks()?.links.slice(0, 2).map(({ name, isChanged }) => [name, isChanged]), [["48", true], ["72", false]]);
  assert.equal(end.usable().links[0]?.name, "arena 0");
  assert.equal(end.unused().links[0]?.name, "slot 1");
});

test("a line of a struct is split into its declaration and its comment", () => {
  assert.deepEqual(splitLine("    uint szidx;        /* size class */"), { code: "    uint szidx;", comment: "size class" });
  assert.deepEqual(splitLine("    } ref;"), { code: "    } ref;", comment: "" });
});

test("the lightness of the colours of size classes goes one way only", () => {
  for (const [theme, sign] of [["light", -1], ["dark", 1]] as const) {
    const values = Array.from({ length: 64 }, (_, szidx) => luminance(classColour(theme, szidx, 64)));
    for (const [i, value] of values.entries()) {
      const last = values[i - 1];
      assert.ok(last === undefined || (value - last) * sign > -0.002, `${theme}: class ${i}`);
    }
  }
});
