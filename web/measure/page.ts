// Prints the bounds of the page in Chromium: the bytes of the file, the time from opening it to the first moment, the time
// of a jump to a random request until the page is laid out, and the time of a replay under another profile.
// `script/web measure` runs it.
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { close, launch, open, pageOf, ready } from "../browser/harness.ts";
import "../browser/app.ts";

const OPENINGS = 5, JUMPS = 200, PROFILE = "3.11";

interface Times { median: number; worst: number }

function timesOf(numbers: number[]): Times {
  const sorted = [...numbers].sort((a, b) => a - b);
  return { median: sorted[sorted.length >> 1] ?? NaN, worst: sorted.at(-1) ?? NaN };
}

function line(what: string, { median, worst }: Times, bounds: string): void {
  console.log(`  ${what.padEnd(34)} ${median.toFixed(1).padStart(8)} ms, worst ${worst.toFixed(1).padStart(8)} ms   (${bounds})`);
}

async function opening(browser: Browser, url: string): Promise<number> {
  const watched = await open(browser, "about:blank");
  const start = performance.now();
  await watched.page.goto(url);
  await ready(watched.page);
  const time = performance.now() - start;
  await watched.page.context().close();
  return time;
}

async function measure(browser: Browser, trace: string, most: string): Promise<void> {
  const url = pageOf(trace);
  console.log(`${trace}: ${statSync(fileURLToPath(url)).size.toLocaleString("en-US")} bytes   (below ${most})`);
  const openings: number[] = [];
  for (let i = 0; i < OPENINGS; i++) openings.push(await opening(browser, url));
  line(`open, median of ${OPENINGS}`, timesOf(openings), "below 1,000");
  const watched = await open(browser, url);
  await ready(watched.page);
  const jumps = await watched.page.evaluate(async (count) => {
    const { app } = globalThis.pymalloc;
    const times: number[] = [];
    let state = 1;
    for (let i = 0; i < count; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      const op = Math.floor((state / 2 ** 32) * ((app.session?.requests ?? 0) + 1));
      const start = performance.now();
      await app.goTo(op, null, null);
      document.body.getBoundingClientRect(); // lays the page out
      times.push(performance.now() - start);
      await new Promise((resolve) => { setTimeout(resolve, 0); });
    }
    return times;
  }, JUMPS);
  line(`jump, median of ${JUMPS}`, timesOf(jumps), "below 16, worst below 50");
  const replay = await watched.page.evaluate(async (profile) => {
    const start = performance.now();
    await globalThis.pymalloc.app.setGeometry({ profile });
    document.body.getBoundingClientRect();
    return performance.now() - start;
  }, PROFILE);
  line(`profile ${PROFILE}`, timesOf([replay]), "below 500");
  await close(watched);
}

const browser = await launch();
console.log(`Chromium ${browser.version()}; times in milliseconds`);
await measure(browser, "@startup", "600,000");
await measure(browser, "@json", "2,500,000");
await browser.close();
