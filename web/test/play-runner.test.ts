// The engines of the playground: one is started at the first call, and another one after it was ended.
import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineError, type Engine, type Value } from "../src/engine/client.ts";
import { Ended, Runner } from "../src/play/runner.ts";

// Engines whose function "play.wait" ends only with the engine.
function fakes(): { opened: string[]; open: () => Promise<Engine> } {
  const opened: string[] = [];
  const open = (): Promise<Engine> => {
    const number = opened.push("runs");
    let end: (error: Error) => void = () => undefined;
    const engine: Engine = {
      call: <T>(name: string, ...args: Value[]): Promise<T> => {
        if (name === "play.fail") return Promise.reject(new EngineError("no"));
        if (name === "play.trap") return Promise.reject(new EngineError("The engine has failed: unreachable"));
        if (name === "play.wait") return new Promise((_, reject) => { end = reject; });
        return Promise.resolve([number, name, ...args] as T);
      },
      bytes: () => Promise.resolve(new Uint8Array()), read: () => Promise.resolve(new Uint8Array()),
      write: () => Promise.resolve(), onOutput: () => undefined,
      stop: () => { opened[number - 1] = "ended"; end(new EngineError("The engine has ended.")); },
    };
    return Promise.resolve(engine);
  };
  return { opened, open };
}

test("an engine is started at the first call, and serves the others", async () => {
  const { opened, open } = fakes();
  const runner = new Runner(open);
  assert.deepEqual(opened, []);
  assert.deepEqual(await runner.call("one", 1), [1, "play.one", 1]);
  assert.deepEqual(await runner.call("two"), [1, "play.two"]);
  await assert.rejects(runner.call("fail"), EngineError);
  assert.deepEqual(opened, ["runs"]);
});

test("a call whose engine is ended is rejected with the reason, and the next has a new engine", async () => {
  const { opened, open } = fakes();
  const busy: boolean[] = [];
  const runner = new Runner(open, (isBusy) => { busy.push(isBusy); });
  const call = runner.call("wait");
  await Promise.resolve();
  assert.equal(runner.isBusy, true);
  setImmediate(() => { runner.stop("It was stopped."); });
  await assert.rejects(call, (error: unknown) => error instanceof Ended && error.message === "It was stopped.");
  assert.deepEqual(await runner.call("one"), [2, "play.one"]);
  assert.deepEqual([opened, busy], [["ended", "runs"], [true, false, true, false]]);
});

test("an engine that Lua does not stop at its limit is ended after a while", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { opened, open } = fakes();
  const runner = new Runner(open);
  const call = runner.limited(10, "wait");
  for (let i = 0; i < 5; i++) await Promise.resolve();
  t.mock.timers.tick(10000);
  assert.deepEqual(opened, ["runs"]);
  t.mock.timers.tick(5000);
  await assert.rejects(call, (error: unknown) => error instanceof Ended && error.message === "It was stopped after 15 seconds.");
});

test("an engine that has failed is followed by a new one", async () => {
  const { opened, open } = fakes();
  const runner = new Runner(open);
  await assert.rejects(runner.call("trap"), (error: unknown) => error instanceof Ended && /unreachable/.test(error.message));
  assert.deepEqual(await runner.call("one"), [2, "play.one"]);
  assert.deepEqual(opened, ["ended", "runs"]);
});

test("an engine that cannot be started rejects its calls, and is tried again", async () => {
  let tries = 0;
  const runner = new Runner(() => { tries += 1; return Promise.reject(new Error("no memory")); });
  await assert.rejects(runner.call("one"), /no memory/);
  await assert.rejects(runner.call("one"), /no memory/);
  assert.equal(tries, 2);
});
