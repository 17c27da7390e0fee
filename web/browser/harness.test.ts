// What the tests in Chromium share lets none of them see another one.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { close, launch, open, pageOf, playground, ready, reloadWith } from "./harness.ts";

let browser: Browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

// All that a page can keep, and how it is seen.
function kept(page: Page): Promise<unknown> {
  return page.evaluate(async () => ({
    local: Object.entries(localStorage), session: Object.entries(sessionStorage), databases: await indexedDB.databases(), name: window.name,
    hasLink: location.hash.includes("mine"), width: innerWidth, isDark: matchMedia("(prefers-color-scheme: dark)").matches,
    isPrint: matchMedia("print").matches, theme: Object.entries(document.documentElement.dataset),
    hovered: document.querySelector("button:hover, canvas:hover, a:hover") !== null, hasVariable: "mine" in globalThis,
  }));
}

test("a page has nothing of the page before it", async () => {
  for (const url of [playground, pageOf("@startup")]) {
    const first = await open(browser, url);
    await ready(first.page);
    const fresh = await kept(first.page);
    await first.page.evaluate(async () => {
      localStorage.setItem("pymalloc.playground", JSON.stringify({ theme: "dark", progress: { 1: "done" } }));
      sessionStorage.setItem("mine", "1");
      window.name = "mine";
      location.hash = "#mine";
      document.documentElement.dataset["theme"] = "dark";
      Object.assign(globalThis, { mine: 1 });
      await new Promise((resolve) => { indexedDB.open("mine").onsuccess = resolve; });
    });
    await first.page.setViewportSize({ width: 400, height: 300 });
    await first.page.emulateMedia({ colorScheme: "dark", media: "print" });
    await first.page.locator("button:visible").first().hover();
    await close(first);
    const second = await open(browser, url);
    await ready(second.page);
    assert.deepEqual(await kept(second.page), fresh);
    await close(second);
  }
});

test("two pages that are open at once share nothing, and a script of a test is in no other page", async () => {
  const first = await open(browser, playground);
  await first.page.evaluate(() => { localStorage.setItem("mine", "1"); });
  const second = await open(browser, playground);
  assert.equal(await second.page.evaluate(() => localStorage.getItem("mine")), null);
  await reloadWith(second.page, () => { Object.assign(globalThis, { mine: 1 }); });
  assert.equal(await second.page.evaluate(() => "mine" in globalThis), true);
  await close(second);
  await close(first);
  for (let count = 0; count < 2; count++) {
    const later = await open(browser, playground);
    assert.equal(await later.page.evaluate(() => "mine" in globalThis), false);
    await close(later);
  }
});

test("what goes wrong in a page is a fault of its own test", async () => {
  const faulty = [["pageerror", () => { setTimeout(() => { throw new Error("mine"); }); }], ["console", () => { console.warn("mine"); }],
    ["console", () => { void fetch("https://mine.invalid/").catch(() => undefined); }]] as const;
  for (const [event, what] of faulty) {
    const watched = await open(browser, playground);
    await ready(watched.page);
    const told = event === "console" ? watched.page.waitForEvent("console") : watched.page.waitForEvent("pageerror");
    await watched.page.evaluate(what);
    await told;
    await assert.rejects(close(watched), /mine/);
    const next = await open(browser, playground);
    assert.equal(next.page, watched.page);
    await close(next);
  }
});
