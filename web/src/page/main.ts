import { openEngine } from "../engine/client.ts";
import { fromBase64 } from "../engine/unpack.ts";
import { sentence } from "./app.ts";
import { makeShell } from "./shell.ts";
import { start, TRACE, type PageOptions } from "./start.ts";

// The text of a script element of the page that holds data.
function part(name: string): string {
  return document.getElementById(`pymalloc-${name}`)?.textContent.trim() ?? "";
}

async function run(): Promise<void> {
  const root = document.getElementById("page");
  if (!root) throw new Error("the page has no element #page");
  const shell = makeShell(root);
  try {
    const engine = await openEngine({ core: part("core"), library: part("library") });
    const trace = part("trace");
    if (trace !== "") await engine.write(TRACE, fromBase64(trace));
    const app = await start(shell, engine, trace === "" ? null : TRACE, JSON.parse(part("options") || "{}") as PageOptions);
    Object.assign(globalThis, { pymalloc: { app } }); // for the browser's console, and for tests
  } catch (error) {
    document.documentElement.dataset["ready"] = "failed";
    shell.fail(sentence(error));
  }
}

void run();
