// The page without a mouse: keys, names for screen readers, the order of Tab; and logs of other tools.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { drop, shows } from "./app.ts";
import { close, launch, open, pageOf, ready, root } from "./harness.ts";

const LAST = 43354;

let browser: Browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

test("keys move the clock, zoom, and open the search and the list of keys", async () => {
  const watched = await open(browser, pageOf("@startup"));
  const { page } = watched;
  await ready(page);
  for (const [key, op] of [["End", LAST], ["j", LAST - 1], ["Home", 0], ["l", 1], ["ArrowRight", 2], ["ArrowLeft", 1]] as const) {
    await page.keyboard.press(key);
    await shows(page, op);
  }
  await page.keyboard.press("n"); // the next request that obtains an arena
  await page.waitForFunction(() => (globalThis.pymalloc.app.moment?.op ?? 0) > 1);
  assert.match(await page.locator("#request").innerText(), /arena_new/);
  await page.keyboard.press(",");
  await page.locator("#request [aria-current=step]").waitFor();
  await page.keyboard.press("0");
  await page.locator("#request [aria-current=step]").waitFor({ state: "detached" });
  await page.keyboard.press("t");
  assert.ok(await page.locator("#map table").isVisible());
  await page.keyboard.press("?");
  assert.match(await page.locator("dialog[open]").innerText(), /previous request/);
  await page.keyboard.press("Escape");
  await page.keyboard.press("/");
  await page.keyboard.type("request 1200");
  await page.keyboard.press("Enter");
  await shows(page, 1200);
  await close(watched);
});

test("each control has a name, and the Tab key reaches each region", async () => {
  const watched = await open(browser, `${pageOf("@startup")}#op=20000`);
  const { page } = watched;
  await ready(page);
  const nameless = await page.evaluate(() => [...document.querySelectorAll<HTMLInputElement>("button, input, select, textarea, [tabindex='0']")]
    .filter((one) => one.getClientRects().length > 0 && one.textContent.trim() === "" && !one.getAttribute("aria-label")
      && !one.getAttribute("aria-labelledby") && !(one.labels?.length ?? 0)).map((one) => `${one.tagName} ${one.className} ${one.id}`));
  assert.deepEqual(nameless, []);
  const reached = new Set<string>();
  for (let i = 0; i < 250; i++) {
    await page.keyboard.press("Tab");
    reached.add(await page.evaluate(() => document.activeElement?.closest("section.region, header, footer")?.id ?? ""));
  }
  for (const region of ["timeline", "clock", "map", "request", "struct", "tools", "lists"]) assert.ok(reached.has(region), region);
  await close(watched);
});

test("a file that is dropped on the page is opened: a log of ltrace, and a packed trace", async () => {
  const watched = await open(browser, pageOf("@startup"));
  const { page } = watched;
  await ready(page);
  await drop(page, "app.ltrace", Buffer.from("malloc(24) = 0x5000\nmalloc(600) = 0x6000\nfree(0x5000) = <void>\n"));
  await page.waitForFunction(() => document.querySelector("h1")?.textContent === "app.ltrace");
  assert.match(await page.locator("header").first().innerText(), /3 requests/);
  await drop(page, "json.ptrace", readFileSync(join(root, "build-web", "json.ptrace")));
  await page.waitForFunction(() => document.querySelector("h1")?.textContent === "json.ptrace");
  assert.match(await page.locator("header").first().innerText(), /915,642 requests/);
  await close(watched);
});
