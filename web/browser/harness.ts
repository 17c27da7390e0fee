// What the browser tests share: Chromium, pages that refuse all requests to a network, and screenshots.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, ConsoleMessage, Page, Request } from "playwright-core";
import { nativeEnvironment, projectRoot } from "../test/native.ts";

export const root = projectRoot();

const { chromium } = createRequire(join(root, "web", "package.json"))("playwright-core") as typeof import("playwright-core");

const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

// Each new window of Chromium loads two pages of its own in advance, for the address bar, which takes more processor time
// than a page of pymalloc; and beside each page it starts a process for the next one, which tests that close their window
// never use. The other features are those of playwright's list, which this one replaces, that ask for hosts.
const FEATURES_OFF = ["WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "SpareRendererForSitePerProcess", "AimEnabled",
  "MediaRouter", "NetworkTimeServiceQuerying", "OptimizationHints", "PaintHolding", "PreconnectToSearch", "Translate"];

// Without the flags on networking Chromium itself asks for hosts of its maker at each start. A process of Chromium that has
// no connection to the first one after 15 seconds ends itself, and its page never comes; that of pictures is ended where it
// does not answer: a busy machine may need longer.
const flags = ["--ipc-connection-timeout=3600", "--disable-gpu-watchdog", "--no-sandbox", "--disable-gpu", "--disable-quic",
  "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
  `--disable-features=${FEATURES_OFF.join(",")}`];

// Milliseconds that each wait may take. A test fails before only where what it waits for cannot happen any more.
const PATIENCE = 600_000;

let shared: Promise<Browser> | undefined;

/** Starts Chromium. The test files of one process share it: their pages have windows of their own. */
export function launch(): Promise<Browser> {
  shared ??= chromium.launch({ executablePath: CHROMIUM, args: flags, timeout: PATIENCE });
  return shared;
}

/** A page, and what went wrong in it: errors of scripts and of the console, and requests that left the page. */
export interface Watched {
  readonly page: Page;
  readonly faults: string[];
  /** Stops watching the page. */
  readonly release: () => void;
}

/** How a page is seen. */
export interface Look {
  viewport?: { width: number; height: number };
  colorScheme?: "light" | "dark";
}

// The page that the last test has closed, empty: a window of its own costs more than a page. A page that no test closes, as
// that of a test which fails, is not used again.
let vacant: Page | undefined;
// Pages whose scripts of a test run in all that they open later.
const spent = new WeakSet<Page>();

async function newPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext();
  context.setDefaultTimeout(PATIENCE);
  await context.route(/^(?!file:|blob:|data:)/, (route) => route.abort());
  return context.newPage();
}

/** Opens a page that shares nothing with another one. A request to anything but a file, a blob or data is refused and noted. */
export async function open(browser: Browser, url: string, look: Look = {}): Promise<Watched> {
  const page = vacant ?? await newPage(browser);
  vacant = undefined;
  await page.setViewportSize(look.viewport ?? { width: 1280, height: 900 });
  await page.emulateMedia({ media: null, colorScheme: look.colorScheme ?? "light" });
  const faults: string[] = [];
  const onError = (error: Error): void => { faults.push(`error of a script: ${error.message}`); };
  const onConsole = (message: ConsoleMessage): void => {
    if (message.type() === "error" || message.type() === "warning") faults.push(`console: ${message.text()}`);
  };
  const onRequest = (request: Request): void => {
    if (request.url() !== page.url() && !/^(blob|data):/.test(request.url()) && request.url() !== url.replace(/#.*/s, "")) {
      faults.push(`request: ${request.url()}`);
    }
  };
  page.on("pageerror", onError).on("console", onConsole).on("request", onRequest);
  const release = (): void => { page.off("pageerror", onError).off("console", onConsole).off("request", onRequest); };
  await page.goto(url);
  return { page, faults, release };
}

/** Opens the address again, with a script that runs before those of the page. */
export async function reloadWith(page: Page, script: () => void): Promise<void> {
  spent.add(page);
  await page.addInitScript(script);
  await page.reload();
}

/** Waits until the page shows its first moment, or the playground its prompt; or with "failed", until it has failed. */
export async function ready(page: Page, state = "true"): Promise<void> {
  // It is told of the attribute: playwright's own wait makes the page draw each frame.
  const found = await page.evaluate((patience) => new Promise<string>((resolve) => {
    const root = document.documentElement;
    const look = (): void => { if (root.dataset["ready"] !== undefined) resolve(root.dataset["ready"]); };
    new MutationObserver(look).observe(root, { attributeFilter: ["data-ready"] });
    setTimeout(() => { resolve(`not ready after ${patience / 1000} seconds`); }, patience);
    look();
  }), PATIENCE);
  assert.equal(found, state);
}

// Forgets all that a page has kept: what it stored, its name, where the mouse is. A page from disk has no cookies.
async function empty(page: Page): Promise<void> {
  await page.evaluate(async () => {
    localStorage.clear();
    sessionStorage.clear();
    window.name = "";
    for (const { name } of await indexedDB.databases()) if (name !== undefined) indexedDB.deleteDatabase(name);
  });
  await page.goto("about:blank");
  await page.mouse.move(0, 0);
}

/** Fails if something went wrong in the page, and closes it. */
export async function close(watched: Watched): Promise<void> {
  const { page, faults, release } = watched;
  if (vacant || spent.has(page)) return closeWindow(watched);
  release();
  await empty(page);
  vacant = page;
  assert.deepEqual(faults, []);
}

/** Does the same, and closes the window of the page, so that the next page has a new one. */
export async function closeWindow({ page, faults, release }: Watched): Promise<void> {
  release();
  await page.context().close();
  assert.deepEqual(faults, []);
}

/** Writes build-web/screenshots/NAME.png. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const folder = join(root, "build-web", "screenshots");
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

/** How many CSS pixels the page is wider than the window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

export const playground = pathToFileURL(join(root, "build-web", "site", "index.html")).href;

const folder = mkdtempSync(join(tmpdir(), "pymalloc-browser-"));
process.on("exit", () => { rmSync(folder, { recursive: true, force: true }); });

/** A path in a folder that is removed at the end. */
export function temporary(name: string): string {
  return join(folder, name);
}

/** Runs the command pymalloc, and returns what it prints. */
export function pymalloc(...args: string[]): string {
  const result = spawnSync(join(root, "script", "pymalloc"), args, { encoding: "utf8", env: nativeEnvironment() });
  assert.equal(result.status, 0, result.stderr);
  return result.stdout;
}

/** The address of the page that `pymalloc html` writes of a trace. Each is written once. */
export function pageOf(trace: string, ...options: string[]): string {
  const path = temporary(`${[trace, ...options].join(" ").replace(/[^\w.]+/g, "-")}.html`);
  if (!existsSync(path)) pymalloc("html", trace, "-o", path, ...options);
  return pathToFileURL(path).href;
}
