// What the browser tests share: Chromium, pages that refuse all requests to a network, and screenshots.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { nativeEnvironment, projectRoot } from "../test/native.ts";

export const root = projectRoot();

const { chromium } = createRequire(join(root, "web", "package.json"))("playwright-core") as typeof import("playwright-core");

const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

// Each new window of Chromium loads two pages of its own in advance, for the address bar, which takes more processor time
// than a page of pymalloc; and beside each page it starts a process for the next one, which tests that close their window
// never use. The other features are those of playwright's list, which this one replaces, that ask for hosts.
const FEATURES_OFF = ["WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "SpareRendererForSitePerProcess", "AimEnabled",
  "MediaRouter", "NetworkTimeServiceQuerying", "OptimizationHints", "PaintHolding", "PreconnectToSearch", "Translate"];

// Without the flags on networking Chromium itself asks for hosts of its maker at each start.
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", `--disable-features=${FEATURES_OFF.join(",")}`];

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
}

/** Opens a page in a context of its own. A request to anything but a file, a blob or data is refused and noted. */
export async function open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: "light", ...options });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(`error of a script: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") faults.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    if (request.url() !== page.url() && !/^(blob|data):/.test(request.url()) && request.url() !== url.replace(/#.*/s, "")) {
      faults.push(`request: ${request.url()}`);
    }
  });
  await context.route(/^(?!file:|blob:|data:)/, (route) => route.abort());
  await page.goto(url);
  return { page, faults };
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

/** Fails if something went wrong in the page, and closes it. */
export async function close({ page, faults }: Watched): Promise<void> {
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
