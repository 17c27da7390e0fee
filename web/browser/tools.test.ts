// The tools of the page: the timeline, the geometry, the comparison, pins, and a part of a trace.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import type { Moment, Session } from "../src/facts.ts";
import { bytesText } from "../src/parts/amounts.ts";
import { moment, shows } from "./app.ts";
import { close, launch, open, pageOf, ready, screenshot, temporary, type Watched } from "./harness.ts";

let browser: Browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

async function openTrace(trace: string, ...options: string[]): Promise<Watched> {
  const watched = await open(browser, pageOf(trace, ...options));
  await ready(watched.page);
  return watched;
}

const value = (page: Page): Promise<number> => page.locator(".chart").getAttribute("aria-valuenow").then(Number);

// The window of the timeline, as its fields have it.
function shown(page: Page): Promise<number[]> {
  return page.locator(".range input").evaluateAll((inputs) => inputs.map((input) => (input as HTMLInputElement).valueAsNumber));
}

// The bytes that a heap of a profile holds after a request of the page's trace.
function heldBy(page: Page, profile: string, op: number): Promise<number> {
  return page.evaluate(async ([name, at]) => {
    const { app } = globalThis.pymalloc;
    const { session } = await app.ask<Session>("reopen", { geometry: { profile: name } });
    const { stats } = await app.engine.call<Moment>("seek", session, at);
    await app.engine.call("close", session);
    return stats.held;
  }, [profile, op] as const);
}

test("dragging on the timeline moves the moment to the request under the pointer", async () => {
  const watched = await openTrace("@startup");
  const { page } = watched;
  const box = await page.locator(".chart").boundingBox();
  assert.ok(box);
  await page.mouse.move(box.x + 200, box.y + 80);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width, box.y + 80, { steps: 5 });
  await page.mouse.up();
  await shows(page, 43354);
  assert.equal(await value(page), 43354);
  await close(watched);
});

test("keys on the timeline move the moment, zoom, and move the window", async () => {
  const watched = await openTrace("@startup");
  const { page } = watched;
  const chart = page.locator(".chart");
  await chart.press("Home");
  await shows(page, 0);
  await chart.press("ArrowRight");
  await shows(page, 1);
  assert.match(await chart.getAttribute("aria-valuetext") ?? "", /^after request 1 of 43,354: .* live of 256 KiB held in 1 arena$/);
  await chart.press("Home");
  await shows(page, 0);
  await chart.press("+");
  await chart.press("+");
  assert.deepEqual(await shown(page), [0, 10839]);
  await chart.press(">");
  assert.deepEqual(await shown(page), [2710, 13549]);
  await chart.press("0");
  assert.deepEqual(await shown(page), [0, 43354]);
  await close(watched);
});

test("the table of the timeline has the values of the chart and goes to their requests", async () => {
  const watched = await openTrace("@startup");
  const { page } = watched;
  await page.getByText("Table of these values").click();
  const last = page.locator(".timeline tbody tr").last();
  assert.equal(await last.locator("th").textContent(), "43,354");
  await last.getByRole("button").click();
  await shows(page, 43354);
  const stats = (await moment(page))?.stats;
  assert.equal((await last.locator("td").nth(1).textContent())?.replaceAll(",", ""), String(stats?.held));
  await close(watched);
});

test("a geometry that is refused has the library's sentence beside its control", async () => {
  const watched = await openTrace("@startup");
  const { page } = watched;
  await page.getByRole("tab", { name: "Geometry" }).click();
  const field = page.locator(".geometry .field", { hasText: "Pool bytes" });
  await field.locator("input").fill("5000");
  await field.locator(".error", { hasText: "pool_bytes is 5000: it must be a power of two" }).waitFor();
  assert.equal(await field.locator("input").getAttribute("aria-invalid"), "true");
  await field.locator("input").fill("");
  await field.locator(".error").waitFor({ state: "hidden" });
  await close(watched);
});

test("a second heap stays at the moment of the first", async () => {
  const watched = await openTrace("@startup", "--compare", "3.11");
  const { page } = watched;
  const verdict = page.locator(".comparison p").first();
  for (const op of [30000, 43354]) {
    await page.evaluate((wanted) => { globalThis.pymalloc.app.seek(wanted); }, op);
    await verdict.filter({ hasText: `After request ${op.toLocaleString("en")}, the heap of 3.11 holds` }).waitFor();
  }
  assert.equal(await page.locator(".comparison tbody tr", { hasText: "held" }).first().locator("td").nth(1).textContent(),
    bytesText(await heldBy(page, "3.11", 43354)));
  await screenshot(page, "comparison");
  await page.getByRole("button", { name: "End the comparison" }).click();
  await page.locator(".comparison").waitFor({ state: "hidden" });
  await page.waitForFunction(() => location.hash.endsWith("&compare=none"));
  await close(watched);
});

test("a link restores the second heap, and takes it away", async () => {
  const watched = await openTrace("@startup");
  const { page } = watched;
  await page.evaluate(() => { location.hash = "#op=30000&compare=3.11&compare-pool_bytes=4096"; });
  const verdict = page.locator(".comparison p").first();
  await verdict.filter({ hasText: "After request 30,000, the heap of 3.11" }).waitFor();
  await page.evaluate(() => { globalThis.pymalloc.app.seek(20000); });
  await page.waitForFunction(() => location.hash.startsWith("#op=20000&"));
  const again = await open(browser, await page.evaluate(() => location.href)); // page.url() is told of a new address later
  await ready(again.page);
  await again.page.locator(".comparison p").first().filter({ hasText: "After request 20,000, the heap of 3.11" }).waitFor();
  assert.equal(await again.page.evaluate(() => location.hash), "#op=20000&compare=3.11&compare-pool_bytes=4096");
  await again.page.evaluate(() => { location.hash = "#op=20000&compare=none"; });
  await again.page.locator(".comparison").waitFor({ state: "hidden" });
  await close(again);
  await close(watched);
});

test("a link counts although the page writes its own address before it is told of the link", async () => {
  const watched = await openTrace("@startup");
  const { page } = watched;
  await page.evaluate(() => {
    const { href } = location;
    location.hash = "#op=30000";
    history.replaceState(null, "", href); // as the page does some time after each change
  });
  await shows(page, 30000);
  await page.waitForFunction(() => location.hash.startsWith("#op=30000"));
  await close(watched);
});

test("a block that pins an arena can be freed as a ghost", async () => {
  const path = temporary("pinned.trace");
  writeFileSync(path, "a 7 24\na 8 600\n");
  const watched = await openTrace(path, "--at", "end");
  const { page } = watched;
  await page.getByRole("tab", { name: "Pins" }).click();
  await page.getByRole("button", { name: "Who pins this arena?" }).click();
  await page.getByText("After request 2, arena 0 is kept by 1 live block.").waitFor();
  await page.getByRole("button", { name: "what if freed?" }).click();
  await page.getByText("Arena 0 would be released.").waitFor();
  assert.equal((await moment(page))?.stats.blocks, 2);
  await page.evaluate(() => { globalThis.pymalloc.app.seek(1); });
  await page.getByText("Arena 0 would be released.").waitFor({ state: "detached" });
  await close(watched);
});

test("a part of a file is opened by its first and last request", async () => {
  const path = temporary("part.trace");
  writeFileSync(path, Array.from({ length: 500 }, (_, i) => `a ${i + 1} 24\n`).join(""));
  const watched = await openTrace("@startup");
  const { page } = watched;
  await page.getByRole("tab", { name: "Open and save" }).click();
  await page.locator("input[type=file]").setInputFiles(path);
  await page.getByRole("heading", { name: "part.trace" }).waitFor();
  await page.getByRole("textbox", { name: "First request" }).fill("100");
  await page.getByRole("textbox", { name: "Last request" }).fill("200");
  await page.getByRole("button", { name: "Open this part" }).click();
  await page.getByText("of 200 requests", { exact: true }).waitFor();
  assert.deepEqual(await shown(page), [100, 200]);
  assert.equal(await page.evaluate(() => globalThis.pymalloc.app.session?.from), 100);
  await close(watched);
});
