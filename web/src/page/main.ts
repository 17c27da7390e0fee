import { EngineError, startEngine } from "../engine/client.ts";
import { fromBase64, inflate } from "../engine/unpack.ts";
import { sentence } from "./app.ts";
import { makeShell } from "./shell.ts";
import { start, TRACE, type PageOptions } from "./start.ts";

// This script comes before the data of the page, so that the worker starts and the page is built while the rest is read.
const isRead = new Promise<void>((resolve) => {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => { resolve(); });
  else resolve();
});

// The text of a script element of the page that holds data.
function part(name: string): string {
  return document.getElementById(`pymalloc-${name}`)?.textContent.trim() ?? "";
}

// The trace of the page: a packed trace, which is deflated unless it was written without zlib. Where it cannot be
// unpacked, each browser has words of its own, so the sentence is ours.
async function traceOf(text: string): Promise<Uint8Array> {
  try {
    const bytes = fromBase64(text);
    const isPlain = "\x89ptrace\n".split("").every((sign, i) => sign.charCodeAt(0) === bytes[i]);
    return isPlain ? bytes : await inflate(bytes, "deflate-raw");
  } catch {
    throw new EngineError("The trace in this page is cut off or damaged. Write the page again with pymalloc html.");
  }
}

async function run(): Promise<void> {
  const root = document.getElementById("page");
  if (!root) throw new Error("the page has no element #page");
  const shell = makeShell(root);
  try {
    const engine = startEngine(isRead.then(() => ({ core: part("core"), library: part("library") })));
    await start(shell, engine, async () => {
      await isRead;
      const trace = part("trace");
      if (trace !== "") await engine.write(TRACE, await traceOf(trace));
      return { path: trace === "" ? null : TRACE, options: JSON.parse(part("options") || "{}") as PageOptions };
    });
  } catch (error) {
    document.documentElement.dataset["ready"] = "failed";
    shell.fail(sentence(error));
  }
}

void run();
