// Asks the page of a trace for facts, as its console can: pymalloc.app is the state of the page.
import type { Page } from "playwright-core";
import type { Value } from "../src/engine/client.ts";
import type { Moment } from "../src/facts.ts";
import type { App } from "../src/page/app.ts";

declare global {
  var pymalloc: { app: App };
}

/** Calls a function of pymalloc.page on the session that the page shows. */
export function ask<T>(page: Page, name: string, ...args: Value[]): Promise<T> {
  const given = JSON.stringify(args); // a JSON text, because the type Value nests without end
  return page.evaluate(([called, text]) => globalThis.pymalloc.app.ask<T>(called, ...JSON.parse(text) as Value[]), [name, given] as const);
}

/** Goes to a moment, and returns it when it is drawn. */
export function goTo(page: Page, op: number): Promise<Moment | null> {
  return page.evaluate(async (wanted) => {
    const { app } = globalThis.pymalloc;
    await app.goTo(wanted, null, null);
    return app.moment;
  }, op);
}

/** The moment that the page shows. */
export function moment(page: Page): Promise<Moment | null> {
  return page.evaluate(() => globalThis.pymalloc.app.moment);
}

/** Waits until the page shows a request. */
export async function shows(page: Page, op: number): Promise<void> {
  await page.waitForFunction((wanted) => globalThis.pymalloc.app.moment?.op === wanted, op);
}

/** The errors that the page shows. */
export async function alerts(page: Page): Promise<string> {
  return (await page.locator("[role=alert]").allTextContents()).join("\n");
}

/** Drops a file on the page, as a person would. */
export async function drop(page: Page, name: string, bytes: Uint8Array): Promise<void> {
  await page.evaluate(([fileName, base64]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], fileName));
    for (const type of ["dragover", "drop"]) window.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, cancelable: true }));
  }, [name, Buffer.from(bytes).toString("base64")] as const);
}
