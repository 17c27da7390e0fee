import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesText, counted, grouped, signed } from "../src/parts/amounts.ts";

test("whole numbers have groups of three digits", () => {
  assert.deepEqual([0, 999, 1000, 43354, 915642, 10 ** 7].map(grouped),
    ["0", "999", "1,000", "43,354", "915,642", "10,000,000"]);
});

test("an id above 2^53, which is a string, keeps its digits", () => {
  assert.equal(grouped("9223372036854775808"), "9,223,372,036,854,775,808");
});

test("bytes are exact where the text is short, else have three digits", () => {
  assert.deepEqual([0, 48, 1000, 1024, 262144, 1310720, 2000000, 1023 * 1024 + 512].map(bytesText),
    ["0 B", "48 B", "1,000 B", "1 KiB", "256 KiB", "1.25 MiB", "1.91 MiB", "1,024 KiB"]);
});

test("a change has its sign", () => {
  assert.deepEqual([signed(0), signed(3), signed(-65536, bytesText)], ["0", "+3", "−64 KiB"]);
});

test("one arena, two arenas", () => {
  assert.deepEqual([counted(1, "arena"), counted(1200, "arena")], ["1 arena", "1,200 arenas"]);
});
