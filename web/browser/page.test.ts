// The page of a trace as a reader uses it: keys, links, typed requests, files, both colours and widths.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { alerts, drop, moment, shows, goTo } from "./app.ts";
import { close, launch, open, overflow, pageOf, pymalloc, ready, screenshot, temporary } from "./harness.ts";

let browser: Browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

test("a link restores the moment, the pool and the geometry", async () => {
  const link = `${pageOf("@startup")}#op=1234&pool=0:16384&profile=3.11`;
  const watched = await open(browser, link);
  const { page } = watched;
  await ready(page);
  assert.equal((await moment(page))?.op, 1234);
  assert.match(await page.locator(".top-title").innerText(), /3\.11/);
  assert.match(await page.locator("#struct").innerText(), /pool 0:16384/i);
  await page.reload();
  await ready(page);
  assert.equal((await moment(page))?.op, 1234);
  await close(watched);
});

test("a link without meaning is said, and the page opens", async () => {
  const watched = await open(browser, `${pageOf("@startup")}#op=<b>&pool=0:4096:1:1:1&nothing=1`);
  await ready(watched.page);
  const text = await alerts(watched.page);
  assert.match(text, /op/);
  assert.match(text, /nothing/);
  assert.equal(await watched.page.locator("[role=alert] b").count(), 0);
  await close(watched);
});

test("the keyboard moves the moment, selects a pool and zooms", async () => {
  const watched = await open(browser, `${pageOf("@startup")}#op=1000`);
  const { page } = watched;
  await ready(page);
  const slider = page.locator("#timeline [role=slider]");
  await slider.focus();
  await slider.press("End");
  await shows(page, 43354);
  await slider.press("Home");
  await shows(page, 0);
  assert.match((await slider.getAttribute("aria-valuetext")) ?? "", /0/);
  await page.fill("#request-number", "20,000");
  await page.press("#request-number", "Enter");
  await shows(page, 20000);
  const map = page.locator("#map canvas").first();
  await map.focus();
  for (const key of ["ArrowRight", "ArrowDown", "Enter"]) await page.keyboard.press(key);
  await page.waitForFunction(() => globalThis.pymalloc.app.view !== "heap");
  for (const view of ["arena", "heap"]) {
    await page.waitForFunction(() => document.querySelector("#map")?.contains(document.activeElement));
    await page.keyboard.press("Escape");
    await page.waitForFunction((wanted) => globalThis.pymalloc.app.view === wanted, view);
  }
  await close(watched);
});

test("requests can be typed, undone and saved as a trace", async () => {
  const watched = await open(browser, pageOf("@startup"));
  const { page } = watched;
  await ready(page);
  await page.getByRole("button", { name: "Start from an empty heap" }).click();
  await shows(page, 0);
  const line = page.getByRole("textbox", { name: "A request" });
  for (const [text, op] of [["a 1 24", 1], ["a 2 100", 2], ["f 1", 3]] as const) {
    await line.fill(text);
    await line.press("Enter");
    await shows(page, op);
  }
  assert.match((await page.locator(".typed-log").innerText()), /a 1 24 → 0:0:48/);
  await line.fill("a 1 <b>24</b>");
  await line.press("Enter");
  await page.locator("#panel-typed .error, .tool.typed .error").first().waitFor();
  assert.equal((await moment(page))?.op, 3);
  await page.getByRole("button", { name: "Undo" }).click();
  await shows(page, 2);
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save as a trace" }).click();
  const path = temporary("typed.trace");
  await (await saving).saveAs(path);
  assert.match(pymalloc("replay", path), /all +2\n/);
  await close(watched);
});

test("a dropped file is shown, and one that is no trace is refused in a sentence", async () => {
  const watched = await open(browser, pageOf("@startup"));
  const { page } = watched;
  await ready(page);
    await drop(page, "three.trace", Buffer.from("a 1 24\na 2 24\nf 1\n"));
  await page.waitForFunction(() => globalThis.pymalloc.app.session?.requests === 3);
  await drop(page, "malloclab.rep", Buffer.from("0\n2\n3\n1\na 0 512\na 1 128\nf 0\n"));
  await page.waitForFunction(() => globalThis.pymalloc.app.session?.name.includes("malloclab"));
  await drop(page, "picture.png", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3]));
  await page.locator("[role=alert]:visible").first().waitFor();
  assert.match(await alerts(page), /picture\.png/);
  await close(watched);
});

test("a trace that names elements and huge ids is shown as text", async () => {
  const path = temporary("hostile.trace");
  writeFileSync(path, "m </script><script>document.title=1</script>\na 9223372036854775807 24\na 2 9223372036854775807\nf 9223372036854775807\n");
  const watched = await open(browser, pageOf(path, "--title", "</title><script>document.title=2</script>"));
  const { page } = watched;
  await ready(page);
  assert.equal(await page.title(), "</title><script>document.title=2</script>");
  await page.fill("#request-number", "1");
  await page.press("#request-number", "Enter");
  await shows(page, 1);
  assert.match(await page.locator("#request-text").innerText(), /9223372036854775807/);
  await close(watched);
});

test("the selection follows the requests, and the lists have all pools of the rings", async () => {
  const watched = await open(browser, pageOf("@startup"));
  const { page } = watched;
  await ready(page);
  const op20000 = await goTo(page, 20000);
  assert.deepEqual(await page.evaluate(() => globalThis.pymalloc.app.selection), { arena: 2, pool: 258048, block: 160 });
  const boxes = op20000?.usedpools.reduce((sum, { pools }) => sum + Math.min(6, pools.length), 0) ?? NaN; // a ring shows six
  await page.locator("#lists").scrollIntoViewIfNeeded();
  await page.waitForFunction((count) => document.querySelectorAll("#lists .rings .link-box").length === count, boxes);
  await close(watched);
});

test("the page jumps by itself before the reader does, and not after it", async () => {
  const watched = await open(browser, pageOf("@startup"));
  const { page } = watched;
  await ready(page);
  const jumps = await page.evaluate(async () => {
    const { app } = globalThis.pymalloc;
    await app.warmUp(); // the first call, or the second behind that of the page
    const { op } = app.moment ?? {};
    let count = 0;
    app.follow((change) => { if (change === "moment") count++; });
    await app.goTo(20000, null, null);
    await app.warmUp();
    return [op, count, app.moment?.op];
  });
  assert.deepEqual(jumps, [21677, 1, 20000]);
  await close(watched);
});

test("a print has the curves of the timeline", async () => {
  const watched = await open(browser, `${pageOf("@startup")}#op=20000`);
  await ready(watched.page);
  await watched.page.locator("#timeline .curves[style]").waitFor();
  const paper = (await watched.page.pdf({ printBackground: true })).toString("latin1");
  assert.match(paper, /^%PDF/);
  // Where a canvas clears an area, Chromium masks all that was printed below it, such as the curves below the cursor.
  assert.doesNotMatch(paper, /\/S \/Alpha/);
  await close(watched);
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1280, 400]) {
    test(`the page is ${width} pixels wide, ${colorScheme}`, async () => {
      for (const trace of ["@startup", "@json"]) {
        const watched = await open(browser, `${pageOf(trace)}#op=20000`, { colorScheme, viewport: { width, height: 900 } });
        await ready(watched.page);
        assert.equal(await overflow(watched.page), 0, "the page scrolls sideways");
        await screenshot(watched.page, `${trace.slice(1)}-${colorScheme}-${width}`);
        await close(watched);
      }
    });
  }
}
