import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openAt, type Engine, type Port } from "../src/engine/client.ts";
import { PAGE_LIMITS, type Answer, type Limits } from "../src/engine/messages.ts";
import { Service } from "../src/engine/service.ts";
import { projectRoot } from "./native.ts";

/** A file of build-web as it is in a page. */
export function part(name: string): string {
  return readFileSync(join(projectRoot(), "build-web", `${name}.txt`), "latin1");
}

// A Service in this thread. An endless call cannot be ended from here.
function localPort(): Port {
  let answered: (answer: Answer) => void = () => undefined;
  const service = new Service((bytes) => { answered({ kind: "output", bytes }); });
  return {
    send: (request) => { void service.answer(request).then((answer) => { answered(answer); }); },
    listen: (onAnswer) => { answered = onAnswer; },
    end: () => { answered = () => undefined; },
  };
}

/** Opens an Engine that runs the WebAssembly module of build-web/ in this thread. The library is that of the page
 *  ("library.bin") or of the playground ("library-play.bin"). */
export function openWasmEngine(limits: Partial<Limits> = {}, library = "library.bin"): Promise<Engine> {
  return openAt(localPort(), { core: part("core.wasm"), library: part(library) }, { ...PAGE_LIMITS, ...limits });
}
