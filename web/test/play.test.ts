// The playground's functions, natively and in WebAssembly: lessons from start to end, the examples, and
// statements that do not end or need too much memory.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Engine } from "../src/engine/client.ts";
import type { LessonTitle, Picture, Piece, PieceOf, Result, Told } from "../src/play/facts.ts";
import { openNativeEngine, projectRoot } from "./native.ts";
import { openWasmEngine } from "./wasm.ts";

const engines: [string, () => Engine | Promise<Engine>][] = [["native", openNativeEngine]];
const hasWasm = ["core.wasm", "library-play.bin"].every((name) => existsSync(join(projectRoot(), "build-web", name)));
if (hasWasm) engines.push(["WebAssembly", () => openWasmEngine({}, "library-play.bin")]);
else test("in WebAssembly", { skip: "script/web core has not built the module" }, () => undefined);

function pieceOf<Kind extends Piece["kind"]>(told: Told, kind: Kind): PieceOf<Kind> {
  const piece = told.pieces.find((one) => one.kind === kind);
  assert.ok(piece, `there is no piece ${kind}`);
  return piece as PieceOf<Kind>;
}

// All pieces up to the next that asks.
async function whole(engine: Engine, first: Promise<Told>): Promise<Told> {
  const told = await first;
  if (!told.goes_on) return told;
  const rest = await whole(engine, engine.call<Told>("play.more"));
  return { ...rest, pieces: [...told.pieces, ...rest.pieces] };
}

// Plays a lesson to its exercise: guesses the first choice, or nothing.
async function playToExercise(engine: Engine, number: number): Promise<{ told: Told; questions: number }> {
  let told = await whole(engine, engine.call<Told>("play.begin", number, null, 80));
  let questions = 0;
  while (told.asks === "question") {
    questions += 1;
    told = await whole(engine, engine.call<Told>("play.answer", "a"));
    assert.equal(typeof pieceOf(told, "answer").is_right, "boolean");
  }
  return { told, questions };
}

async function playToEnd(engine: Engine, number: number): Promise<void> {
  const { told, questions } = await playToExercise(engine, number);
  assert.ok(questions > 0, "it asks nothing");
  assert.equal(told.asks, "work");
  assert.match(told.progress ?? "", /^\d+ exercise$/);
  const start = pieceOf(told, "exercise").start;
  for (const bad of [start, "return nil", "return (", ...number === 3 ? ["while true do end"] : []]) {
    const grade = pieceOf(await engine.call<Told>("play.answer", { text: bad }), "grade");
    assert.equal(grade.passed, false, `${bad} passes`);
    assert.notEqual(grade.remark, "");
  }
  const solution = pieceOf(await engine.call<Told>("play.answer", { solution: true }), "solution").text;
  const end = await engine.call<Told>("play.answer", { text: solution });
  assert.deepEqual([pieceOf(end, "grade").passed, end.is_done, end.progress], [true, true, "done"], pieceOf(end, "grade").remark);
}

// These print the sizes and the number of requests of Lua itself, which differ on 32 bits.
const OF_LUA_ITSELF = ["hosted_state.lua", "record_and_replay.lua"];

function withoutNumbers(text: string): string {
  return text.replace(/\d+/g, "N");
}

// Natively only some: another test runs all of them with lua5.4.
function recordedExamples(isNative: boolean): string[] {
  return isNative ? ["arena_release.lua", "pool_header.lua", "typed_buffers.lua"]
    : readdirSync(join(projectRoot(), "examples")).filter((name) => name.endsWith(".lua"));
}

for (const [name, open] of engines) {
  const opened = Promise.resolve(open());
  after(async () => { (await opened).stop(); });

  test(`${name}: lessons end with their good answers, and not with bad ones`, async (t) => {
    const engine = await opened;
    const { lessons } = await engine.call<{ lessons: LessonTitle[] }>("play.open");
    assert.deepEqual(lessons.map((one) => one.number), Array.from({ length: 14 }, (_, i) => i + 1));
    // Natively all lessons are played by busted, and in WebAssembly by browser/playground.test.ts.
    for (const lesson of lessons.slice(2, 4)) {
      await t.test(`lesson ${lesson.number}: ${lesson.title}`, () => playToEnd(engine, lesson.number));
    }
  });

  test(`${name}: the examples print what is recorded`, async (t) => {
    const engine = await opened;
    for (const file of recordedExamples(name === "native")) {
      await t.test(file, async () => {
        const text = readFileSync(join(projectRoot(), "examples", file), "utf8");
        const wanted = readFileSync(join(projectRoot(), "examples", "output", file.replace(".lua", ".txt")), "utf8");
        await engine.call("play.restart");
        await engine.call("play.limit", 600);
        const result = await engine.call<Result>("play.run_file", `examples/${file}`, text);
        assert.equal(result.error, undefined);
        if (name === "native" || !OF_LUA_ITSELF.includes(file)) assert.equal(result.output, wanted);
        else assert.equal(withoutNumbers(result.output), withoutNumbers(wanted));
      });
    }
  });

  test(`${name}: a statement that does not end, or needs too much memory, is an error, and the prompt goes on`, async () => {
    const engine = await opened;
    await engine.call("play.restart");
    await engine.call("play.limit", 1);
    await engine.call<Result>("play.run", "heap = pymalloc.heap { profile = 'classroom' } b = heap:malloc(24)");
    for (const source of ["while true do end", "repeat pcall(error) until false"]) {
      assert.match((await engine.call<Result>("play.run", source)).error ?? "", /it does not end: it was stopped after 1 second$/);
    }
    await engine.call("play.limit", 60);
    assert.match((await engine.call<Result>("play.run", "t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end")).error ?? "",
      /it needs more memory than the 256 MiB that are allowed|There is not enough memory/);
    await engine.call<Result>("play.run", "t = nil collectgarbage()");
    assert.equal((await engine.call<Result>("play.run", "=b")).output, "pymalloc.Buffer u8[24] at 0:0:48\n");
    const picture = await engine.call<Picture | null>("play.picture");
    assert.equal(picture?.pool?.blocks, "lfvvvv");
  });

  test(`${name}: a lesson goes on where it was left`, async () => {
    const engine = await opened;
    const { told } = await playToExercise(engine, 3);
    const again = await whole(engine, engine.call<Told>("play.begin", 3, told.progress ?? "", 60));
    assert.equal(again.asks, "work");
    assert.equal(pieceOf(again, "heading").is_continued, true);
    assert.equal(again.pieces.filter((piece) => piece.kind === "question").length, 1);
  });

  test(`${name}: a name has its help`, async () => {
    const engine = await opened;
    const help = await engine.call<{ text?: string; names: string[] }>("play.help", "heap:malloc");
    assert.match(help.text ?? "", /^heap:malloc\(size\)\nAllocates a buffer/);
    assert.ok((await engine.call<{ names: string[] }>("play.help", "")).names.length > 100);
  });
}
