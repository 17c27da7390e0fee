import assert from "node:assert/strict";
import { after, test } from "node:test";
import { EngineError } from "../src/engine/client.ts";
import { openNativeEngine } from "./native.ts";

const engine = openNativeEngine();
after(() => { engine.stop(); });

test("a function that does not exist is an error that names it", async () => {
  await assert.rejects(engine.call("no_such_function"), (error: unknown) => error instanceof EngineError
    && /no_such_function|module 'pymalloc.page' not found/.test(error.message) && !error.message.includes("traceback"));
});

test("bytes that are written are read", async () => {
  await engine.write("some.bytes", new Uint8Array([0, 255, 10]));
  assert.deepEqual(await engine.read("some.bytes"), new Uint8Array([0, 255, 10]));
});
