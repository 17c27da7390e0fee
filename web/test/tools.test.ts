import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { test } from "node:test";
import { rowsOf, verdictOf } from "../src/compare/rows.ts";
import { bytesOf, MOST_BYTES, pathOf } from "../src/files/dropped.ts";
import { packingOf, readAll, unpackProblem } from "../src/files/packing.ts";
import type { Moment, Stats } from "../src/facts.ts";
import { conditionOf } from "../src/tools/conditions.ts";
import { fileName } from "../src/tools/download.ts";
import { fieldOf, readOptions } from "../src/tools/geometry.ts";
import { tabAfter } from "../src/tools/tabs.ts";
import { idOf } from "../src/tools/what_if.ts";

const nothing = (): void => undefined;
const text = (content: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(content);

test("a condition is a kind of event, a kind in a class, or a mark", () => {
  assert.deepEqual(conditionOf("arena_new", ""), "arena_new");
  assert.deepEqual(conditionOf("pool_carve", "7"), { kind: "pool_carve", class: 7 });
  assert.deepEqual(conditionOf("mark:", "7"), { mark: true });
  assert.deepEqual(conditionOf("mark:load: all", ""), { mark: "load: all" });
});

test("an id that a double does not have exactly stays text", () => {
  assert.deepEqual([idOf(" 7 "), idOf("9223372036854775808"), idOf("1e3"), idOf("")], [7, "9223372036854775808", "1e3", ""]);
});

test("options of a heap leave out empty fields, and pass on what is no number", () => {
  assert.deepEqual(readOptions({ profile: "3.11", alignment: "", threshold: " 256 ", pool_bytes: "4k", release: "never" }),
    { profile: "3.11", threshold: 256, pool_bytes: "4k", release: "never" });
});

test("a sentence belongs to the first field that it names", () => {
  const names = ["alignment", "pool_bytes", "arena_bytes"];
  assert.equal(fieldOf("arena_bytes must be a multiple of pool_bytes (4096), got 5000", names), "arena_bytes");
  assert.equal(fieldOf("alignments are wrong", names), null);
});

test("the arrows go around the tabs", () => {
  assert.deepEqual([tabAfter("ArrowRight", 4, 5), tabAfter("ArrowLeft", 0, 5), tabAfter("End", 1, 5), tabAfter("x", 1, 5)],
    [0, 4, 4, null]);
});

test("a file that is saved has a plain name", () => {
  assert.equal(fileName("@startup", ".trace"), "startup.trace");
  assert.equal(fileName("/home/me/app.trace.xz", "-12.svg"), "app-12.svg");
  assert.equal(fileName("<script>alert(1)</script>", ".json"), "script_.json");
  assert.equal(fileName("..", ".json"), "heap.json");
});

test("a dropped file's name becomes a path without folders, blanks or a leading dash", () => {
  assert.deepEqual(["my app.log", "../../etc/passwd", "-", "日本.trace", "x.trace.gz"].map(pathOf),
    ["my_app.log", "_.._etc_passwd", "file", "_.trace", "x.trace"]);
});

test("the packing of a file is known by its first bytes", () => {
  assert.equal(packingOf(gzipSync("x")), "gzip");
  assert.equal(packingOf(new Uint8Array([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0])), "xz");
  assert.equal(packingOf(new Uint8Array([0x28, 0xb5, 0x2f, 0xfd])), "zstd");
  assert.equal(packingOf(text("a 1 24")), "none");
  assert.equal(packingOf(new Uint8Array(0)), "none");
});

test("for a packed file that the page cannot unpack there is a command", () => {
  assert.equal(unpackProblem("it's.xz", "xz"), "it's.xz is packed by xz, which this page does not unpack. Unpack it first: xz -dk 'it'\\''s.xz'");
  assert.equal(unpackProblem("a.gz", "gzip"), null);
});

test("a file is read as it is, and one packed by gzip is unpacked", async () => {
  assert.deepEqual(await bytesOf("a", new Blob([text("a 1 24\n")]), nothing), text("a 1 24\n"));
  assert.deepEqual(await bytesOf("a.gz", new Blob([gzipSync("a 1 24\n")]), nothing), text("a 1 24\n"));
});

test("a packed file that is cut off is a sentence that names it", async () => {
  const packed = gzipSync("a 1 24\n".repeat(1000));
  await assert.rejects(bytesOf("cut.gz", new Blob([packed.subarray(0, packed.length - 20)]), nothing),
    { message: "cut.gz cannot be unpacked: it is cut off or damaged." });
});

test("an empty file, and one that is too large, are refused before they are read", async () => {
  await assert.rejects(bytesOf("empty", new Blob([]), nothing), { message: "empty is empty." });
  const large = { size: MOST_BYTES + 1, slice: () => assert.fail("it was read") } as unknown as Blob;
  await assert.rejects(bytesOf("large", large, nothing), /^Error: large has 512 MiB. This page reads files of up to 512 MiB\.$/);
});

test("reading stops as soon as there are more bytes than allowed", async () => {
  let pulled = 0;
  const stream = new ReadableStream<Uint8Array>({ pull(controller) { pulled++; controller.enqueue(new Uint8Array(10)); } });
  await assert.rejects(readAll(stream, 25, () => "too long", nothing), { message: "too long" });
  assert.ok(pulled < 6);
});

test("a comparison has the signed differences and a sentence", () => {
  const stats: Stats = { live: 100, held: 262144, arenas: 1, pools: 2, blocks: 3, raw_blocks: 0, rounding: 0, headers: 0, free: 0,
    unused: 0, raw: 0, highwater: 1, obtained: 1, released: 0 };
  const other = { ...stats, held: 1048576, arenas: 1, pools: 1 };
  const rows = rowsOf(stats, other);
  assert.deepEqual(rows.filter(({ name }) => ["held", "live", "pools in use"].includes(name)).map((row) => row.difference),
    ["+768 KiB", "0", "−1"]);
  assert.equal(verdictOf({ op: 7 } as Moment, { name: "3.6", stats }, { name: "3.11", stats: other }),
    "After request 7, the heap of 3.11 holds 768 KiB more than that of 3.6.");
});
