import source from "worker:source";
import { PAGE_LIMITS, type Answer, type EngineParts, type Limits, type Request } from "./messages.ts";

export type { EngineParts, Limits } from "./messages.ts";

/** A value that JSON can carry. */
export type Value = string | number | boolean | null | Value[] | { [name: string]: Value };

/** An error that Lua raised; the message is a sentence, without a traceback. */
export class EngineError extends Error {}

/** The allocator and its Lua library, running in a worker. Calls are done one after the other. */
export interface Engine {
  /** Calls pymalloc.page.NAME, or pymalloc.play.NAME for a name "play.NAME". Rejects with EngineError. */
  call<T>(name: string, ...args: Value[]): Promise<T>;
  /** Calls a function whose result is a string of bytes. */
  bytes(name: string, ...args: Value[]): Promise<Uint8Array>;
  /** Writes a file in memory, which Lua can open. */
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** Reads a file in memory. */
  read(path: string): Promise<Uint8Array>;
  /** Sets the function that is given what Lua prints. */
  onOutput(listener: (text: string) => void): void;
  /** Ends the worker. Calls that have not ended are rejected. */
  stop(): void;
}

/** The other end of an engine: a worker, or a Service in the same thread. */
export interface Port {
  send(request: Request): void;
  /** Sets the functions that get the answers, and the message if the worker itself fails. */
  listen(onAnswer: (answer: Answer) => void, onFailure: (message: string) => void): void;
  end(): void;
}

interface Waiting {
  request: Request;
  isSent: boolean;
  resolve: (bytes: Uint8Array) => void;
  reject: (reason: Error) => void;
}

const ENDED = "The engine has ended.";
// Lua ends a call by itself at its limit. Where it cannot, in a function of C, the worker is ended so much later.
const SECONDS_LATER = 3;

class PortEngine implements Engine {
  readonly #port: Port;
  readonly #seconds: number;
  readonly #waiting: Waiting[] = [];
  readonly #decoder = new TextDecoder();
  #listener: (text: string) => void = () => undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #end: string | undefined;
  #isOpen = false;

  constructor(port: Port, seconds: number) {
    this.#port = port;
    this.#seconds = seconds;
    port.listen((answer) => { this.#receive(answer); }, (message) => { this.#stop(message); });
  }

  /** Opens the engine. Requests that were made before are done after that. */
  async open(parts: EngineParts, limits: Limits): Promise<void> {
    if (this.#end !== undefined) throw new EngineError(this.#end);
    try {
      await new Promise((resolve, reject) => {
        this.#waiting.unshift({ request: { kind: "open", parts, limits }, isSent: false, resolve, reject });
        this.#isOpen = true;
        this.#next();
      });
    } catch (error) {
      this.#stop(error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  request(request: Request): Promise<Uint8Array> {
    if (this.#end !== undefined) return Promise.reject(new EngineError(this.#end));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, isSent: false, resolve, reject });
      this.#next();
    });
  }

  // Sends the requests that wait. Where calls are limited, the others wait for the answer to the first one.
  #next(): void {
    if (!this.#isOpen) return;
    for (const one of this.#seconds > 0 ? this.#waiting.slice(0, 1) : this.#waiting) {
      if (one.isSent) continue;
      one.isSent = true;
      if (one.request.kind === "call" && this.#seconds > 0) this.#limit();
      this.#port.send(one.request);
    }
  }

  #limit(): void {
    this.#timer = setTimeout(() => {
      this.#stop(`The call did not end within ${this.#seconds} seconds, and the engine was ended.`);
    }, 1000 * (this.#seconds + SECONDS_LATER));
  }

  #receive(answer: Answer): void {
    if (answer.kind === "output") {
      this.#listener(this.#decoder.decode(answer.bytes, { stream: true }));
      return;
    }
    clearTimeout(this.#timer);
    const first = this.#waiting.shift();
    if (answer.kind === "result") first?.resolve(answer.bytes);
    else first?.reject(new EngineError(answer.message));
    this.#next();
  }

  #stop(message: string): void {
    clearTimeout(this.#timer);
    this.#end ??= message;
    this.#port.end();
    for (const one of this.#waiting.splice(0)) one.reject(new EngineError(message));
  }

  async call<T>(name: string, ...args: Value[]): Promise<T> {
    const bytes = await this.request({ kind: "call", name, arguments: JSON.stringify(args), isBytes: false });
    return JSON.parse(new TextDecoder().decode(bytes)) as T;
  }

  bytes(name: string, ...args: Value[]): Promise<Uint8Array> {
    return this.request({ kind: "call", name, arguments: JSON.stringify(args), isBytes: true });
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    await this.request({ kind: "write", path, bytes });
  }

  read(path: string): Promise<Uint8Array> {
    return this.request({ kind: "read", path });
  }

  onOutput(listener: (text: string) => void): void {
    this.#listener = listener;
  }

  stop(): void {
    this.#stop(ENDED);
  }
}

/** Opens an engine at the other end of a port. */
export async function openAt(port: Port, parts: EngineParts, limits: Limits): Promise<Engine> {
  const engine = new PortEngine(port, limits.seconds);
  await engine.open(parts, limits);
  return engine;
}

// A worker that is made from its text: a page from file:// may not load one.
function workerPort(): Port {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const worker = new Worker(url);
  return {
    send: (request) => { worker.postMessage(request); },
    listen: (onAnswer, onFailure) => {
      worker.onmessage = (event: MessageEvent<Answer>) => { onAnswer(event.data); };
      worker.onerror = (event) => { onFailure(`The worker has failed: ${event.message || "it cannot be started"}`); };
    },
    end: () => {
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}

/** Opens an engine in a worker. */
export function openEngine(parts: EngineParts, limits: Limits = PAGE_LIMITS): Promise<Engine> {
  return openAt(workerPort(), parts, limits);
}

/**
 * Starts a worker at once, and opens an engine in it when its parts are there. Calls wait for that; if the engine cannot be
 * opened, they are rejected.
 */
export function startEngine(parts: Promise<EngineParts>, limits: Limits = PAGE_LIMITS): Engine {
  const engine = new PortEngine(workerPort(), limits.seconds);
  parts.then((all) => engine.open(all, limits)).catch(() => undefined); // the calls are told
  return engine;
}
