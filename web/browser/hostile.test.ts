// Input that is made to do harm: names with markup, ids of 2^63 and more, damaged files. Each has a clear message or is
// shown as text, and no part of it runs.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { drop, goTo } from "./app.ts";
import { close, launch, open, pageOf, ready, root, temporary } from "./harness.ts";

const MARKUP = "</script><script>globalThis.ran = 1</script><img src=x onerror=\"globalThis.ran = 1\">";

let browser: Browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

async function nothingRan(page: Page): Promise<void> {
  assert.equal(await page.evaluate(() => "ran" in globalThis), false, "text of a trace was run");
  assert.equal(await page.locator("img").count(), 0, "text of a trace became markup");
}

test("a trace, a title and marks that are markup are shown as text", async () => {
  const path = temporary("named.trace");
  writeFileSync(path, `w 1 0 ${MARKUP}.py:1 ${MARKUP}\na 1 24 @1\nm ${MARKUP}\na 2 600\n`);
  const watched = await open(browser, pageOf(path, "--title", MARKUP));
  const { page } = watched;
  await ready(page);
  assert.equal(await page.title(), MARKUP);
  await goTo(page, 1);
  await page.waitForFunction((text) => document.querySelector("#clock")?.textContent.includes(text), MARKUP);
  assert.ok((await page.locator("#request").innerText()).includes("globalThis.ran"), "no frame is shown");
  await nothingRan(page);
  await drop(page, `${MARKUP.replaceAll("/", "")}.trace`, Buffer.from("a 1 24\n"));
  await page.waitForFunction(() => document.querySelector("header")?.textContent.includes("1 requests"));
  await nothingRan(page);
  await close(watched);
});

test("ids and sizes of 2^63 and more keep all their digits", async () => {
  const path = temporary("large.trace");
  writeFileSync(path, "a 9223372036854775808 24\na 18446744073709551615 18446744073709551615\nf 9223372036854775808\n");
  const watched = await open(browser, pageOf(path));
  const { page } = watched;
  await ready(page);
  for (const [op, id] of [[1, "9223372036854775808"], [2, "18446744073709551615"], [3, "9223372036854775808"]] as const) {
    await goTo(page, op);
    await page.waitForFunction((text) => document.querySelector("#request-text")?.textContent.includes(text), `id ${id}`);
  }
  await close(watched);
});

// What the page says, when a file was dropped that it cannot open.
async function refusal(page: Page, name: string, bytes: Uint8Array): Promise<string> {
  await drop(page, name, bytes);
  const alert = page.locator("[role=alert]:visible").first();
  await alert.waitFor();
  const text = await alert.innerText();
  const closing = page.getByRole("button", { name: "Close this message" });
  while (await closing.count() > 0) await closing.first().click();
  return text;
}

test("damaged files are refused by a sentence, and the page stays as it is", async () => {
  const pack = readFileSync(join(root, "build-web", "json.ptrace"));
  const damaged = Buffer.from(pack);
  for (let i = 5000; i < 6000; i++) damaged[i] = (damaged[i] ?? 0) ^ 0x55;
  const watched = await open(browser, pageOf("@startup"));
  const { page } = watched;
  await ready(page);
  const title = await page.locator("h1").textContent();
  for (const [name, bytes] of [["cut.ptrace", pack.subarray(0, 1000)], ["damaged.ptrace", damaged], ["noise.bin", Buffer.alloc(3000, 0xee)],
    ["empty.trace", Buffer.alloc(0)], ["wrong.trace", Buffer.from("a 1 24\nq 2\n")], ["packed.trace.gz", Buffer.from("1f8b0800aabb", "hex")],
    ["other.xz", Buffer.from("fd377a585a00", "hex")]] as const) {
    const text = await refusal(page, name, bytes);
    assert.match(text, /[A-Za-z].{8}/, name);
    assert.doesNotMatch(text, /traceback|undefined|\[object|RuntimeError|at .*\.js/i, `${name}: ${text}`);
    assert.equal(await page.locator("h1").textContent(), title, name);
  }
  await goTo(page, 100);
  await page.waitForFunction(() => document.querySelector<HTMLInputElement>("#request-number")?.value === "100");
  await close(watched);
});

test("a page whose trace is cut off says so", async () => {
  const html = readFileSync(fileURLToPath(pageOf("@startup")), "utf8");
  const cut = html.replace(/(id="pymalloc-trace">[^<]{4000})[^<]*/, "$1");
  assert.notEqual(cut, html);
  const path = temporary("cut.html");
  writeFileSync(path, cut);
  const watched = await open(browser, pathToFileURL(path).href);
  await ready(watched.page, "failed");
  assert.match(await watched.page.locator("[role=alert]:visible").first().innerText(), /trace|block|end|cut/);
  await close(watched);
});

for (const [what, id] of [["modules", "library"], ["core", "core"]] as const) {
  test(`a page that is cut off in its ${what} says so`, async () => {
    const html = readFileSync(fileURLToPath(pageOf("@startup")), "utf8");
    const path = temporary(`cut-${id}.html`);
    writeFileSync(path, html.slice(0, html.indexOf(`id="pymalloc-${id}"`) + 4000));
    const watched = await open(browser, pathToFileURL(path).href);
    await ready(watched.page, "failed");
    assert.match(await watched.page.locator("[role=alert]:visible").first().innerText(), /^The engine has failed: the page is cut off or damaged/);
    await close(watched);
  });
}
