// What the page keeps, drops and says when its state changes.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { alerts, goTo } from "./app.ts";
import { close, launch, open, pageOf, ready, reloadWith } from "./harness.ts";

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
  await reloadWith(page, () => { // nothing is idle until the test says so
    const waiting: IdleRequestCallback[] = [];
    const run = (one: IdleRequestCallback): number => window.setTimeout(one, 0); // a browser with much to do may never be idle
    let isIdle = false;
    window.requestIdleCallback = (one) => isIdle ? run(one) : waiting.push(one);
    Object.assign(globalThis, { beIdle: () => { isIdle = true; waiting.splice(0).forEach(run); } });
  });
  await ready(page);
  const ops = await page.evaluate(() => new Promise<unknown[]>((resolve) => {
    const { app } = globalThis.pymalloc;
    const seen: unknown[] = [];
    app.follow((change) => { if (change === "moment" && seen.push(app.moment?.op) === 2) resolve(seen); });
    (globalThis as unknown as { beIdle: () => void }).beIdle();
  }));
  assert.deepEqual(ops, [21676, 21677]);
  await page.evaluate(() => { for (let i = 0; i < 2; i++) globalThis.pymalloc.app.fail(new Error("the same")); });
  assert.equal((await alerts(page)).match(/the same/g)?.length, 1);
  await close(watched);
});

test("a pool that another heap does not have is no longer selected, and one that it has stays so", async () => {
  const watched = await open(browser, pageOf("@startup"));
  const { page } = watched;
  await ready(page);
  await goTo(page, 20000);
  const found = await page.evaluate(async () => {
    const { app } = globalThis.pymalloc;
    const look = (): unknown => [app.selection, app.view];
    app.zoom({ arena: 0, pool: 16384 });
    await app.setGeometry({ profile: "3.11" }); // pools of 16 KiB
    const kept = look();
    await app.setGeometry({ profile: "3.6" }); // pools of 4 KiB
    app.zoom({ arena: 0, pool: 20480 });
    await app.setGeometry({ profile: "3.11" });
    const dropped = look();
    app.setView("heap");
    await app.setGeometry({ profile: "3.6" });
    app.select({ arena: 0, pool: 20480 });
    await app.setGeometry({ profile: "3.11" });
    return { kept, dropped, ofHeap: look() };
  });
  assert.deepEqual(found, { kept: [{ arena: 0, pool: 16384 }, "pool"], dropped: [{ arena: 0 }, "arena"], ofHeap: [{ arena: 0 }, "heap"] });
  await close(watched);
});

test("a condition that no request meets is said, and the page stays at its moment", async () => {
  const watched = await open(browser, `${pageOf("@startup")}#op=20000`);
  const { page } = watched;
  await ready(page);
  for (const [direction, where] of [[1, "after"], [-1, "before"]] as const) {
    const said = await page.evaluate((way) => new Promise<string | null>((resolve) => { // the sentence goes after some seconds
      const status = document.querySelector("[role=status].status");
      if (!status) throw new Error("there is no status");
      new MutationObserver(() => { if (status.textContent !== "") resolve(status.textContent); }).observe(status, { childList: true });
      status.textContent = "";
      globalThis.pymalloc.app.continue({ mark: "never" }, way);
    }), direction);
    assert.equal(said, `There is none ${where} this request.`);
  }
  assert.equal(await page.evaluate(() => globalThis.pymalloc.app.moment?.op), 20000);
  await close(watched);
});

test("a print has light colours and the parts that wait for an idle browser; then the page has its colours again", async () => {
  const watched = await open(browser, pageOf("@startup"));
  const { page } = watched;
  await reloadWith(page, () => { window.requestIdleCallback = () => 0; }); // it is never idle
  await ready(page);
  const found = await page.evaluate(async () => {
    const { app } = globalThis.pymalloc;
    const lists = (): string => document.querySelector("#lists")?.textContent ?? "";
    const theme = (): string | undefined => document.documentElement.dataset["theme"];
    app.setTheme("dark");
    const before = lists();
    await app.goTo(5000, null, null);
    const isWaiting = lists() === before;
    window.dispatchEvent(new Event("beforeprint"));
    const printed = { isDrawn: lists() !== before, theme: theme() };
    window.dispatchEvent(new Event("afterprint"));
    return { isWaiting, printed, theme: theme() };
  });
  assert.deepEqual(found, { isWaiting: true, printed: { isDrawn: true, theme: "light" }, theme: "dark" });
  await close(watched);
});
