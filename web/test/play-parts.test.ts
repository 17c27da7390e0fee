// The parts of the playground that draw nothing: tokens of Lua, colours of pictures, statements that were typed, and
// what is kept from one visit to the next.
import assert from "node:assert/strict";
import { test } from "node:test";
import { pieces } from "../src/play/coloured.ts";
import { History } from "../src/parts/history.ts";
import { tokens } from "../src/play/lua.ts";
import { placeOf } from "../src/play/place.ts";
import { progressWord, Store } from "../src/play/store.ts";

const kinds = (source: string): string[] => tokens(source).filter((token) => token.kind !== "plain").map((token) => `${token.kind} ${token.text}`);

test("the tokens of Lua are found, and are together the whole source", () => {
  const source = "local s = 'a\\'b' -- note\nreturn 0x1F + 1.5e3 .. [==[ long ]] \n]==] --[[ c\nd ]] nothing";
  assert.deepEqual(kinds(source), ["keyword local", "text 'a\\'b'", "comment -- note", "keyword return", "number 0x1F", "number 1.5e3",
    "text [==[ long ]] \n]==]", "comment --[[ c\nd ]]"]);
  assert.equal(tokens(source).map((token) => token.text).join(""), source);
});

test("texts and comments that are not closed end with their line or with the source", () => {
  assert.deepEqual(kinds("'open\nend [[ rest\nend"), ["text 'open", "keyword end", "text [[ rest\nend"]);
  assert.deepEqual(kinds("--[[ open\nend"), ["comment --[[ open\nend"]);
});

test("a long text without tokens is read in a time that grows with its length", () => {
  const LONG = 1_000_000; // a time that grows with the square of that is more than ten minutes
  const source = "[".repeat(LONG) + "'\\".repeat(LONG);
  const start = performance.now();
  assert.equal(tokens(source).map((token) => token.text).join(""), source);
  assert.ok(performance.now() - start < 60_000);
});

test("escape sequences become styles, and unknown ones none", () => {
  assert.deepEqual(pieces("a\x1b[1mb\x1b[0m\x1b[36mc\x1b[0md\x1b[99me"), [{ style: "", text: "a" }, { style: "bold", text: "b" },
    { style: "cyan", text: "c" }, { style: "", text: "d" }, { style: "", text: "e" }]);
});

test("the history goes back and forth, and keeps what was being typed", () => {
  const history = new History(["a"]);
  assert.equal(history.add("b"), true);
  assert.equal(history.add("b"), false);
  assert.equal(history.add("  "), false);
  assert.deepEqual([history.older("draft"), history.older("b"), history.older("a")], ["b", "a", undefined]);
  assert.deepEqual([history.newer(), history.newer(), history.newer()], ["b", "draft", undefined]);
});

// A storage that keeps texts, or refuses to.
function storageOf(refuses = false): { getItem: (key: string) => string | null; setItem: (key: string, value: string) => void } {
  const texts = new Map<string, string>();
  return { getItem: (key) => texts.get(key) ?? null,
    setItem: (key, value) => { if (refuses) throw new Error("full"); texts.set(key, value); } };
}

test("what is kept is there at the next visit", () => {
  const storage = storageOf();
  const store = new Store(storage);
  store.change((kept) => { kept.progress["3"] = "done"; kept.answers["3"] = "return 1"; kept.history.push("=1"); kept.seconds = 60; });
  assert.equal(store.isSaved, true);
  const { progress, answers, history, seconds } = new Store(storage).kept;
  assert.deepEqual({ progress, answers, history, seconds },
    { progress: { 3: "done" }, answers: { 3: "return 1" }, history: ["=1"], seconds: 60 });
});

test("a storage that is refused is told, and all is kept until the page is closed", () => {
  for (const storage of [null, storageOf(true)]) {
    const store = new Store(storage);
    store.change((kept) => { kept.progress["1"] = "4"; });
    assert.equal(store.isSaved, false);
    assert.equal(store.kept.progress["1"], "4");
  }
});

test("a file is read back, and one that is none changes nothing", () => {
  const store = new Store(storageOf());
  store.change((kept) => { kept.progress["2"] = "12 exercise"; });
  const text = store.text();
  store.reset();
  assert.deepEqual(store.kept.progress, {});
  store.replace(text);
  assert.deepEqual(store.kept.progress, { 2: "12 exercise" });
  for (const wrong of ["", "[]", "{", "7", "null"]) {
    assert.throws(() => { store.replace(wrong); }, /not one that this page has saved/);
    assert.deepEqual(store.kept.progress, { 2: "12 exercise" });
  }
});

test("parts of another form are left out of what is read", () => {
  const store = new Store(storageOf());
  store.replace(JSON.stringify({ progress: { 1: 7, x: "done", 2: "done", "__proto__": "done" }, answers: [], history: [1, "a"], theme: "<b>",
    seconds: -1 }));
  assert.deepEqual({ ...store.kept }, { progress: { 2: "done" }, answers: {}, history: ["a"], theme: "system", seconds: 10 });
});

test("progress is told by a word", () => {
  assert.deepEqual([undefined, "0", "3", "12 exercise", "done", "0 done", "12 done"].map(progressWord),
    ["", "", "started", "at its exercise", "done", "done", "done"]);
});

test("links name places, and wrong ones the prompt", () => {
  assert.deepEqual(placeOf("#lesson=3"), { tab: "lessons", what: "3" });
  assert.deepEqual(placeOf("#reference=heap%3Amalloc"), { tab: "reference", what: "heap:malloc" });
  assert.deepEqual(placeOf("#reference=%E0%A4%A"), { tab: "reference", what: "%E0%A4%A" });
  for (const hash of ["", "#", "#<img src=x>", "#constructor"]) assert.equal(placeOf(hash).tab, "prompt");
});
