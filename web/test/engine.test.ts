import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { EngineError, type Engine, type Value } from "../src/engine/client.ts";
import type { Limits } from "../src/engine/messages.ts";
import { nativeEnvironment, projectRoot } from "./native.ts";
import { openWasmEngine } from "./wasm.ts";

const facts = join(projectRoot(), "web", "test", "facts.lua");

// An engine whose pymalloc.play is facts.lua.
async function open(limits: Partial<Limits> = {}): Promise<Engine> {
  const engine = await openWasmEngine(limits);
  await engine.write("/lua/pymalloc/play.lua", readFileSync(facts));
  for (const name of ["startup", "json"]) {
    await engine.write(`/${name}.ptrace`, readFileSync(join(projectRoot(), "build-web", `${name}.ptrace`)));
  }
  return engine;
}

const CALL = `local file, name = ...
  io.write(require("pymalloc.json").line(dofile(file)[name](select(3, ...))))`;

// The result of a function of facts.lua, run natively.
async function native(name: string, ...args: string[]): Promise<unknown> {
  const script = join(mkdtempSync(join(tmpdir(), "pymalloc-test-")), "call.lua");
  writeFileSync(script, CALL);
  const { stdout } = await promisify(execFile)("lua5.4", [script, facts, name, ...args],
    { env: nativeEnvironment(), maxBuffer: 2 ** 28 });
  rmSync(dirname(script), { recursive: true });
  return JSON.parse(stdout);
}

async function message(engine: Engine, name: string, ...args: Value[]): Promise<string> {
  try {
    const result = await engine.call(name, ...args);
    return `no error, but ${JSON.stringify(result)}`;
  } catch (error) {
    assert.ok(error instanceof EngineError);
    return error.message;
  }
}

const shared = open();

for (const name of ["startup", "json"]) {
  for (const profile of ["3.6", "3.8", "3.9", "3.10", "3.11", "3.15-hugepages", "3.10-no-radix-tree", "classroom"]) {
    test(`events, states and hashes of @${name} under ${profile} are those of native Lua`, async () => {
      const expected = native("replayed", `@${name}`, profile); // in the meantime, in a process of its own
      const text = await (await shared).call<string>("play.replayed", `/${name}.ptrace`, profile);
      assert.match(text, /^3000\.\d+ .*\n(.*\n)*\d+ [0-9a-f]{16}\n/m);
      assert.equal(text, await expected);
    });
  }
}

test("files in memory behave as files of the system", async () => {
  const engine = await open();
  assert.deepEqual(await engine.call("play.files"), await native("files"));
});

test("ids and sizes of 2^63 and more are those of native Lua", async () => {
  const engine = await open();
  const text = ["a 9223372036854775808 24", "a 18446744073709551615 24", "f 9223372036854775808",
    "f 18446744073709551615", "a 1 9223372036854775808", "a 2 18446744073709551615", "r 18446744073709551614 4294967296", ""].join("\n");
  const events = await engine.call<string>("play.typed", text);
  assert.match(events, /malloc\(24\)/);
  assert.equal(events, await native("typed", text));
});

test("a truncated trace is a message, at every length", async () => {
  const engine = await open();
  const whole = readFileSync(join(projectRoot(), "build-web", "startup.ptrace"));
  for (const bytes of [1, 7, 8, 15, 100, 1000, 30000, whole.length - 1]) {
    await engine.write("cut.ptrace", whole.subarray(0, bytes));
    assert.match(await message(engine, "open", "cut.ptrace", {}), /^cut\.ptrace/);
  }
});

test("a file that is not there is a message", async () => {
  const engine = await open();
  assert.match(await message(engine, "open", "none.ptrace", {}), /none\.ptrace cannot be opened: No such file or directory/);
});

test("a packed file, for which there is no program, is a message", async () => {
  const engine = await open();
  await engine.write("some.gz", new Uint8Array([0x1f, 0x8b]));
  for (const name of ["open", "convert"]) {
    assert.match(await message(engine, name, "some.gz"), /^some\.gz.* needs the program 'gzip' to be read/);
  }
});

test("a call that does not end is stopped, and the engine answers the next one", async () => {
  const engine = await open({ seconds: 0.2 });
  const stopped = /The call did not end within 0\.2 seconds\./;
  for (const name of ["play.forever", "play.forever_inside", "play.forever_in_a_coroutine"]) {
    assert.match(await message(engine, name), stopped);
    let answer = "";
    do { // on a busy machine a call may need several attempts
      answer = await engine.call<string>("play.typed", "a 1 24\n").catch(String);
    } while (stopped.test(answer));
    assert.match(answer, /malloc\(24\)/);
  }
});

test("memory that is exhausted is a message, and the engine answers the next call", async () => {
  const engine = await open({ memory: 64 * 2 ** 20 });
  for (const name of ["play.fill_tables", "play.fill_heaps", "play.fill_tables"]) {
    assert.match(await message(engine, name), /not enough memory|no memory for \d+ bytes/);
    assert.match(await engine.call<string>("play.typed", "a 1 24\n"), /malloc\(24\)/);
  }
});

test("calls nested too deep are a message, and the engine answers the next call", async () => {
  const engine = await open();
  assert.match(JSON.stringify(await engine.call("play.nest", 1000)), /C stack overflow/);
  assert.match(await message(engine, "play.nest_parser"), /C stack overflow|overflow/);
  assert.match(await message(engine, "play.recurse"), /stack overflow/);
  assert.match(await engine.call<string>("play.typed", "a 1 24\n"), /malloc\(24\)/);
});

test("what is printed goes to the listener, before the result", async () => {
  const engine = await open();
  let printed = "";
  engine.onOutput((text) => { printed += text; });
  await engine.call("play.print", "é <b>");
  assert.equal(printed, "é <b>\n");
});

test("files that are written and read are the same bytes", async () => {
  const engine = await open();
  await engine.write("some.bytes", new Uint8Array([0, 255, 10]));
  assert.deepEqual(await engine.read("/some.bytes"), new Uint8Array([0, 255, 10]));
  await assert.rejects(engine.read("other.bytes"), new EngineError("There is no file other.bytes."));
});

test("calls are answered in their order, and rejected after the end", async () => {
  const engine = await open();
  const order: number[] = [];
  await Promise.all([3, 1, 2].map(async (depth, i) => {
    await engine.call("play.nest", depth);
    order.push(i);
  }));
  assert.deepEqual(order, [0, 1, 2]);
  const pending = engine.call("play.nest", 1);
  engine.stop();
  await assert.rejects(pending, new EngineError("The engine has ended."));
  await assert.rejects(engine.call("play.nest", 1), new EngineError("The engine has ended."));
});
