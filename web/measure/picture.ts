// Writes docs/pictures/page.png: the page of @startup as Chromium shows it. `script/web picture` runs it.
import { join } from "node:path";
import { close, launch, open, pageOf, ready, root } from "../browser/harness.ts";

const browser = await launch();
const watched = await open(browser, pageOf("@startup", "--at", "20000"), { viewport: { width: 1280, height: 1080 } });
await ready(watched.page);
await watched.page.waitForTimeout(500); // until all parts are drawn
await watched.page.screenshot({ path: join(root, "docs", "pictures", "page.png") });
await close(watched);
await browser.close();
