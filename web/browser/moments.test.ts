// Pages of the built-in traces at random moments, and whole replays under each profile, beside the native library.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import type { Engine } from "../src/engine/client.ts";
import type { Moment, Session } from "../src/facts.ts";
import { openNativeEngine } from "../test/native.ts";
import { ask, goTo } from "./app.ts";
import { close, launch, open, pageOf, ready } from "./harness.ts";

const STOPS = 100; // of each trace
const SEED = 20261128;

let browser: Browser;
let native: Engine;
before(async () => {
  browser = await launch();
  native = openNativeEngine();
});
after(async () => {
  native.stop();
  await browser.close();
});

// Numbers from 0 to below `most` that a seed determines.
function* random(most: number, seed: number): Generator<number> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield Math.floor((state / 2 ** 32) * most);
  }
}

// What is the same in both: addresses of raw blocks are not.
function comparable(moment: Moment | null): unknown {
  return JSON.parse(JSON.stringify(moment, (key, value: unknown) => key === "address" && typeof value === "string"
    && value.startsWith("0x") ? "raw" : value));
}

for (const trace of ["@startup", "@json"]) {
  test(`${trace}: ${STOPS} random moments are those of the native library`, async () => {
    const watched = await open(browser, pageOf(trace));
    const { page } = watched;
    await ready(page);
    const session = await native.call<Session>("open", trace, {});
    const numbers = random(session.requests + 1, SEED);
    for (let i = 0; i < STOPS; i++) {
      const op = numbers.next().value as number;
      const shown = await goTo(page, op);
      const expected = await native.call<Moment>("seek", session.session, op);
      assert.deepEqual(comparable(shown), comparable(expected), `request ${op}`);
      assert.equal(await ask(page, "dump"), await native.call("dump", session.session), `dump after request ${op}`);
      assert.equal(await ask(page, "hash"), await native.call("hash", session.session), `hash after request ${op}`);
      assert.equal(await page.inputValue("#request-number"), op.toLocaleString("en-US"));
    }
    await native.call("close", session.session);
    await close(watched);
  });

  test(`${trace}: the digest of the whole replay is the native one under each profile`, async () => {
    const watched = await open(browser, pageOf(trace));
    const { page } = watched;
    await ready(page);
    const profiles = await native.call<{ name: string }[]>("profiles");
    assert.ok(profiles.length >= 6);
    for (const { name } of profiles) {
      const session = await native.call<Session>("open", trace, { geometry: { profile: name } });
      await page.evaluate((profile) => globalThis.pymalloc.app.setGeometry({ profile }), name);
      assert.equal(await ask(page, "digest"), await native.call("digest", session.session), name);
      await native.call("close", session.session);
    }
    await close(watched);
  });
}
