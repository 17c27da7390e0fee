// Prints how long the engine takes in node: opening it, reading the trace @json and replaying it under each profile, and
// reading and replaying ten million generated requests. `script/web measure` runs it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Core } from "../src/engine/core.ts";
import { Files } from "../src/engine/files.ts";
import { unpackLibrary } from "../src/engine/library.ts";
import { PAGE_LIMITS } from "../src/engine/messages.ts";
import { unpackPart } from "../src/engine/unpack.ts";
import { projectRoot } from "../test/native.ts";
import { part } from "../test/wasm.ts";

const ROUNDS = 7;
const root = projectRoot();

function median(numbers: number[]): number {
  return numbers.sort((a, b) => a - b)[numbers.length >> 1] ?? NaN;
}

// The median time of a step in milliseconds, and the result of its last round.
async function timed<T>(what: string, step: () => T | Promise<T>, rounds = ROUNDS): Promise<T> {
  const times: number[] = [];
  let result: T;
  do {
    const start = performance.now();
    result = await step();
    times.push(performance.now() - start);
  } while (times.length < rounds);
  console.log(`${median(times).toFixed(1).padStart(8)} ms  ${what}`);
  return result;
}

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- as Engine.call
function call<T>(core: Core, name: string, ...args: unknown[]): T {
  const result = core.call(name, JSON.stringify(args), false);
  if ("message" in result) throw new Error(result.message);
  return JSON.parse(new TextDecoder().decode(result.bytes)) as T;
}

const parts = [part("core.wasm"), part("library.bin")] as const;
console.log(`node ${process.version}: medians of ${ROUNDS}`);
const bytes = await timed("unpack core.wasm", () => unpackPart(parts[0]));
const library = await timed("unpack the library", () => unpackPart(parts[1]));
const module = await timed("compile core.wasm", () => WebAssembly.compile(bytes));
const core = await timed("start Lua, and load its modules", async () => {
  const files = new Files();
  unpackLibrary(library, files);
  const started = await Core.start(module, files, PAGE_LIMITS, () => undefined);
  call(started, "profiles");
  return started;
});

interface Opened { session: number; requests: number }

const open = (path: string, options = {}): Opened => call<Opened>(core, "open", path, options);

core.files.put("/json.ptrace", new Uint8Array(readFileSync(join(root, "build-web", "json.ptrace"))));
for (const { name } of call<{ name: string }[]>(core, "profiles")) {
  const options = { geometry: { profile: name } };
  const first = await timed(`open @json under ${name}`, () => {
    const opened = open("/json.ptrace", options);
    call(core, "close", opened.session);
    return opened;
  });
  await timed(`open @json under ${name}, and run its ${first.requests} requests`, () => {
    const { session, requests } = open("/json.ptrace", options);
    call(core, "seek", session, requests);
    call(core, "close", session);
  });
}

// The requests of `pymalloc workload python`, as a packed file.
function generated(requests: number): Uint8Array {
  const path = join(root, "build-web", "measure", "generated.ptrace");
  const made = spawnSync(join(root, "script", "pymalloc"), ["workload", "python", "--requests", String(requests), path], { encoding: "utf8" });
  assert.equal(made.status, 0, made.stderr);
  return new Uint8Array(readFileSync(path));
}

const MANY = 10_000_000;
core.files.put("/generated.ptrace", generated(MANY));
const { session, requests } = await timed(`open ${MANY} requests`, () => open("/generated.ptrace"), 1);
assert.equal(requests, MANY);
const end = await timed("run them", () => call<{ op: number }>(core, "seek", session, MANY), 1);
assert.equal(end.op, MANY);
