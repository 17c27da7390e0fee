import assert from "node:assert/strict";
import { test } from "node:test";
import { placeText, readLink, readPlace, writeLink, type Link } from "../src/page/link.ts";

test("a link is written and read without a change", () => {
  const links: Link[] = [
    { geometry: {} },
    { op: 0, geometry: {} },
    { op: 1234, selection: { arena: 0, pool: 4096 }, geometry: { profile: "3.11" }, step: 2 },
    { op: 7, selection: { arena: 3 }, view: "heap", geometry: { release: "keep_last", pool_bytes: 16384 } },
    { op: 7, selection: { arena: 3, pool: 0, block: 48 }, geometry: {} },
    { op: 7, geometry: { profile: "3.6" }, compare: { profile: "3.11", pool_bytes: 4096 }, view: "arena" },
    { geometry: {}, compare: null },
  ];
  for (const link of links) assert.deepEqual(readLink(`#${writeLink(link)}`), { link, problems: [] });
});

test("the text of a link is the documented one", () => {
  assert.equal(writeLink({ op: 1234, selection: { arena: 0, pool: 4096 }, geometry: { profile: "3.11" }, step: 2 }),
    "op=1234&pool=0:4096&profile=3.11&step=2");
  assert.equal(writeLink({ op: 7, geometry: {}, compare: { profile: "3.11", pool_bytes: 4096 } }), "op=7&compare=3.11&compare-pool_bytes=4096");
  assert.equal(writeLink({ op: 7, geometry: {}, compare: null }), "op=7&compare=none");
});

test("each part of a link that has no meaning is named, and the other parts count", () => {
  const { link, problems } = readLink("#op=minus&pool=0:4096:48&arena=<script>&colour=red&step=1&pool_bytes=big&view=moon&compare=&compare-profile=3.11&compare-pool_bytes=big");
  assert.deepEqual(link, { geometry: {}, step: 1 });
  assert.deepEqual(problems, [
    "The link's op cannot be “minus”.",
    "The link's pool cannot be “0:4096:48”.",
    "The link's arena cannot be “<script>”.",
    "The link has a part “colour”, which this page does not know.",
    "The link's pool_bytes cannot be “big”.",
    "The link's view cannot be “moon”.",
    "The link's compare cannot be “”.",
    "The link has a part “compare-profile”, which this page does not know.",
    "The link's compare-pool_bytes cannot be “big”.",
  ]);
});

test("a long part of a link is shortened in its sentence", () => {
  const [problem = ""] = readLink(`#op=${"9".repeat(5000)}`).problems;
  assert.ok(problem.length < 80, problem);
});

test("places are one to three whole numbers", () => {
  assert.deepEqual(readPlace("3"), { arena: 3 });
  assert.deepEqual(readPlace("3:0"), { arena: 3, pool: 0 });
  assert.deepEqual(readPlace("3:0:48"), { arena: 3, pool: 0, block: 48 });
  for (const text of ["", ":", "3:", "3:-1", "1:2:3:4", "0x10", "a", "3::4"]) assert.equal(readPlace(text), null, text);
  assert.equal(placeText({ arena: 3, pool: 0, block: 48 }), "3:0:48");
  assert.equal(placeText({}), "");
});
