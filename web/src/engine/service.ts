import { Core } from "./core.ts";
import { Files } from "./files.ts";
import { unpackLibrary } from "./library.ts";
import type { Answer, Request } from "./messages.ts";
import { unpackPart } from "./unpack.ts";

// A new array for each answer: the worker gives its buffer away.
const nothing = (): Uint8Array => new Uint8Array(0);

/** Answers the requests to an engine, in a worker, or in tests without one. */
export class Service {
  readonly #output: (bytes: Uint8Array) => void;
  readonly #files = new Files();
  #core: Core | undefined;
  #failure: string | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(output: (bytes: Uint8Array) => void) {
    this.#output = output;
  }

  /** The answer to a request, which is done after all requests before it. */
  answer(request: Request): Promise<Answer> {
    const answer = this.#last.then(() => this.#attempt(request));
    this.#last = answer;
    return answer;
  }

  async #attempt(request: Request): Promise<Answer> {
    if (this.#failure !== undefined) return { kind: "error", message: this.#failure };
    try {
      return await this.#answer(request);
    } catch (error) {
      // A trap of the module, a stack overflow of JavaScript, or the end of the program.
      this.#failure = `The engine has failed: ${error instanceof Error ? error.message : String(error)}`;
      return { kind: "error", message: this.#failure };
    }
  }

  async #answer(request: Request): Promise<Answer> {
    switch (request.kind) {
      case "open":
        await this.#open(request);
        return { kind: "result", bytes: nothing() };
      case "call":
        return this.#call(request.name, request.arguments, request.isBytes);
      case "write":
        this.#files.put(request.path, request.bytes);
        return { kind: "result", bytes: nothing() };
      case "read": {
        const file = this.#files.find(request.path);
        if (file === undefined) return { kind: "error", message: `There is no file ${request.path}.` };
        return { kind: "result", bytes: file.content().slice() };
      }
    }
  }

  async #open({ parts, limits }: Request & { kind: "open" }): Promise<void> {
    const [module, library] = await Promise.all([
      unpackPart(parts.core).then((bytes) => WebAssembly.compile(bytes)), unpackPart(parts.library)]);
    unpackLibrary(library, this.#files);
    this.#core = await Core.start(module, this.#files, limits, this.#output);
  }

  #call(name: string, args: string, isBytes: boolean): Answer {
    if (this.#core === undefined) return { kind: "error", message: "The engine is not open." };
    const result = this.#core.call(name, args, isBytes);
    return "bytes" in result ? { kind: "result", bytes: result.bytes } : { kind: "error", message: result.message };
  }
}
