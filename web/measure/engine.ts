// Prints how long the engine takes in node: opening it, reading the trace @json, and replaying it under each profile.
// `script/web measure` runs it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Core, PAGE_LIMITS } from "../src/engine/core.ts";
import { Files } from "../src/engine/files.ts";
import { unpackLibrary } from "../src/engine/library.ts";
import { unpackPart } from "../src/engine/unpack.ts";
import { projectRoot } from "../test/native.ts";
import { part } from "../test/wasm.ts";

const ROUNDS = 7;

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
const trace = new Uint8Array(readFileSync(join(projectRoot(), "build-web", "json.ptrace")));

async function start(): Promise<Core> {
  const files = new Files();
  unpackLibrary(library, files);
  files.put("/json.ptrace", trace);
  const started = await Core.start(module, files, PAGE_LIMITS, () => undefined);
  call(started, "profiles");
  return started;
}

const profiles = call<{ name: string }[]>(await timed("start Lua, and load its modules", start), "profiles");
for (const { name } of profiles) {
  const core = await start();
  const first = await timed(`open @json under ${name}`, () => {
    const session = call<{ session: number; requests: number }>(core, "open", "/json.ptrace", { geometry: { profile: name } });
    call(core, "close", session.session);
    return session;
  });
  await timed(`open @json under ${name}, and run its ${first.requests} requests`, () => {
    const { session, requests } = call<typeof first>(core, "open", "/json.ptrace", { geometry: { profile: name } });
    call(core, "seek", session, requests);
    call(core, "close", session);
  });
}
