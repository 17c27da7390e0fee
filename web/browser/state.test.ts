// What the page keeps, drops and says when its state changes.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { alerts } from "./app.ts";
import { close, launch, open, pageOf, ready } from "./harness.ts";

let browser: Browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

test("a link restores the step, and what a step, a free and a heap of before had is dropped", async () => {
  const watched = await open(browser, `${pageOf("@startup")}#op=1&step=0`);
  const { page } = watched;
  await ready(page);
  const found = await page.evaluate(async () => {
    const { app } = globalThis.pymalloc;
    const { step } = app;
    const id = app.moment?.events.length;
    const changes: string[] = [];
    app.follow((change) => { changes.push(change); });
    app.setTheme("dark");
    app.setGhost({ events: [], left_out: 0 } as never);
    const hadGhost = app.ghost !== null;
    await app.goTo(20000, null, null);
    const old = app.session?.session ?? 0;
    await app.setGeometry({ profile: "3.6" });
    const closed = await app.engine.call("hash", old).then(() => "open", (error: unknown) => String(error));
    return { step, hasEvents: id !== undefined && id > 1, told: changes.includes("theme"), hadGhost, ghost: app.ghost, stepNow: app.step, closed };
  });
  const { closed, ...rest } = found;
  assert.deepEqual(rest, { step: 0, hasEvents: true, told: true, hadGhost: true, ghost: null, stepNow: null });
  assert.match(closed, /session must be the number of an open session/);
  await close(watched);
});

test("an error is shown once, and the page jumps by itself when the browser is idle", async () => {
  const watched = await open(browser, pageOf("@startup"));
  const { page } = watched;
  await ready(page);
  await page.addInitScript(() => { // nothing is idle until the test says so
    const waiting: (() => void)[] = [];
    const idle = window.requestIdleCallback.bind(window);
    window.requestIdleCallback = (run) => waiting.push(() => { idle(run); });
    Object.assign(globalThis, { beIdle: () => { for (const run of waiting.splice(0)) run(); } });
  });
  await page.reload();
  await ready(page);
  const ops = await page.evaluate(() => new Promise<unknown[]>((resolve) => {
    const { app } = globalThis.pymalloc;
    const seen: unknown[] = [];
    app.follow((change) => { if (change === "moment" && seen.push(app.moment?.op) === 2) resolve(seen); });
    setTimeout(() => { resolve(seen); }, 15_000);
    (globalThis as unknown as { beIdle: () => void }).beIdle();
  }));
  assert.deepEqual(ops, [21676, 21677]);
  await page.evaluate(() => { for (let i = 0; i < 2; i++) globalThis.pymalloc.app.fail(new Error("the same")); });
  assert.equal((await alerts(page)).match(/the same/g)?.length, 1);
  await close(watched);
});
