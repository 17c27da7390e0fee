// Prints the bounds of the page in Chromium: the bytes of the file, the time from opening it to the first moment and to the
// timeline, beside that of an empty page, each in a window that has come to rest; the time of a jump that is made at once, and of
// jumps to random requests once the page is at rest, each until the page is laid out; and the time of a replay under another
// profile. For jumps it prints also the processor time of the page's main thread, with the painting, and
// without the engine, which has a thread of its own: other programs that run at the same time change it less.
// `script/web measure` runs it.
import { statSync, writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Browser, CDPSession, Page } from "playwright-core";
import { closeWindow, launch, open, pageOf, ready, temporary } from "../browser/harness.ts";
import "../browser/app.ts";

const OPENINGS = 5, JUMPS = 200, PROFILE = "3.11";
const WINDOW_REST = 1500; // milliseconds after which a new window of Chromium no longer uses the processor

const empty = pathToFileURL(temporary("empty.html")).href;
writeFileSync(fileURLToPath(empty), '<!doctype html><html data-ready="true"><title>empty</title></html>');

interface Times { median: number; worst: number }

function timesOf(numbers: number[]): Times {
  const sorted = [...numbers].sort((a, b) => a - b);
  return { median: sorted[sorted.length >> 1] ?? NaN, worst: sorted.at(-1) ?? NaN };
}

function line(what: string, { median, worst }: Times, bounds: string): void {
  console.log(`  ${what.padEnd(34)} ${median.toFixed(1).padStart(8)} ms, worst ${worst.toFixed(1).padStart(8)} ms   (${bounds})`);
}

interface Opening { moment: number; timeline: number }

// Waits until the timeline is read: a question is answered after that.
async function timelineRead(page: Page): Promise<void> {
  await page.evaluate(() => globalThis.pymalloc.app.ask("hash"));
}

// Waits until the page has done what it does by itself when the browser is idle.
async function atRest(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((resolve) => { requestIdleCallback(resolve); }));
  await timelineRead(page);
}

// The times of jumps to random requests, in milliseconds.
async function jumps(page: Page, count: number): Promise<number[]> {
  return page.evaluate(async (most) => {
    const { app } = globalThis.pymalloc;
    const times: number[] = [];
    let state = 1;
    for (let i = 0; i < most; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      const op = Math.floor((state / 2 ** 32) * ((app.session?.requests ?? 0) + 1));
      const start = performance.now();
      await app.goTo(op, null, null);
      document.body.getBoundingClientRect(); // lays the page out
      times.push(performance.now() - start);
      await new Promise((resolve) => { setTimeout(resolve, 0); });
    }
    return times;
  }, count);
}

async function opening(browser: Browser, url: string): Promise<Opening> {
  const { page } = await open(browser, "about:blank");
  await new Promise((resolve) => { setTimeout(resolve, WINDOW_REST); });
  const start = performance.now();
  await page.goto(url);
  await ready(page);
  const moment = performance.now() - start;
  if (url !== empty) await timelineRead(page);
  const timeline = performance.now() - start;
  await page.context().close();
  return { moment, timeline };
}

async function openings(browser: Browser, url: string): Promise<Opening[]> {
  const all: Opening[] = [];
  for (let i = 0; i < OPENINGS; i++) all.push(await opening(browser, url));
  return all;
}

// The processor time that the main thread of a page has used, in milliseconds.
async function processorTime(session: CDPSession): Promise<number> {
  const { metrics } = await session.send("Performance.getMetrics");
  return 1000 * (metrics.find(({ name }) => name === "TaskDuration")?.value ?? NaN);
}

async function measure(browser: Browser, trace: string, most: string): Promise<void> {
  const url = pageOf(trace);
  console.log(`${trace}: ${statSync(fileURLToPath(url)).size.toLocaleString("en-US")} bytes   (below ${most})`);
  const opened = await openings(browser, url);
  line(`open, median of ${OPENINGS}`, timesOf(opened.map(({ moment }) => moment)), "below 1,000");
  line("and read the timeline", timesOf(opened.map(({ timeline }) => timeline)), "no bound");
  const watched = await open(browser, url);
  await ready(watched.page);
  await timelineRead(watched.page);
  line("jump at once", timesOf(await jumps(watched.page, 1)), "no bound");
  await atRest(watched.page);
  const session = await watched.page.context().newCDPSession(watched.page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const before = await processorTime(session);
  const times = await jumps(watched.page, JUMPS);
  const used = await processorTime(session) - before;
  line(`jump, median of ${JUMPS}`, timesOf(times), "below 16, worst below 50");
  console.log(`  ${"main thread, mean of a jump".padEnd(34)} ${(used / JUMPS).toFixed(1).padStart(8)} ms of the processor`);
  const replay = await watched.page.evaluate(async (profile) => {
    const start = performance.now();
    await globalThis.pymalloc.app.setGeometry({ profile });
    document.body.getBoundingClientRect();
    return performance.now() - start;
  }, PROFILE);
  line(`profile ${PROFILE}`, timesOf([replay]), "below 500");
  await closeWindow(watched);
}

const browser = await launch();
console.log(`Chromium ${browser.version()}; times in milliseconds`);
line(`open an empty page, median of ${OPENINGS}`, timesOf((await openings(browser, empty)).map(({ moment }) => moment)), "no bound");
await measure(browser, "@startup", "600,000");
await measure(browser, "@json", "2,500,000");
await browser.close();
