import { Files } from "./files.ts";
import type { Limits } from "./messages.ts";
import { Wasi } from "./wasi.ts";

const PAGE = 65536;
const FIRST_BYTES = 4 * 1024 * 1024; // as bindings/web/CMakeLists.txt tells the linker

interface Exports {
  __stack_pointer: WebAssembly.Global;
  __indirect_function_table: WebAssembly.Table;
  _initialize: () => void;
  malloc: (bytes: number) => number;
  free: (address: number) => void;
  open: (most: number) => number;
  call: (web: number, name: number, args: number, isBytes: number, seconds: number) => number;
  result: (web: number) => number;
  result_bytes: (web: number) => number;
}

/** A result of a call: bytes, or a message. */
export type Result = { bytes: Uint8Array } | { message: string };

const NO_MEMORY = "There is not enough memory for that.";

// An error of Lua. It is not made by new Error, which records the calls: V8 then compiles the whole script once more.
const LUA_ERROR = Object.create(Error.prototype) as Error;

/** The WebAssembly module with a Lua state, and its files in memory. bindings/web/web.c has the other side. */
export class Core {
  readonly files: Files;
  readonly #memory: WebAssembly.Memory;
  readonly #exports: Exports;
  readonly #limits: Limits;
  readonly #web: number;

  private constructor(files: Files, memory: WebAssembly.Memory, exports: Exports, limits: Limits) {
    this.files = files;
    this.#memory = memory;
    this.#exports = exports;
    this.#limits = limits;
    exports._initialize();
    this.#web = exports.open(limits.memory);
    if (this.#web === 0) throw new Error(NO_MEMORY);
    if (exports.result(this.#web) !== 0) throw new Error(new TextDecoder().decode(this.#result()));
  }

  /** Starts a module. The files must have Lua's modules in /lua. */
  static async start(module: WebAssembly.Module, files: Files, limits: Limits,
    output: (bytes: Uint8Array) => void): Promise<Core> {
    const memory = new WebAssembly.Memory({ initial: FIRST_BYTES / PAGE, maximum: Math.floor(limits.memory / PAGE) });
    const system: Record<string, unknown> = new Wasi(memory, files, output).functions();
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      if (from === "wasi_snapshot_preview1") system[name] ??= () => 52; // ENOSYS
    }
    // The functions of `host` are called after the exports are known.
    const late: { exports?: Exports } = {};
    const host = {
      throw: () => { throw LUA_ERROR; },
      try: (call: number, state: number, context: number) => {
        if (late.exports) protectedCall(late.exports, call, state, context);
      },
    };
    const instance = await WebAssembly.instantiate(module, { env: { memory }, host,
      wasi_snapshot_preview1: system as WebAssembly.ModuleImports });
    late.exports = instance.exports as unknown as Exports;
    return new Core(files, memory, late.exports, limits);
  }

  /** Calls pymalloc.page.NAME or pymalloc.play.NAME with arguments as JSON. The result is JSON too, or bytes. An
   *  exception means that the module has failed and must not be called again. */
  call(name: string, args: string, isBytes: boolean): Result {
    const texts = [new TextEncoder().encode(name), new TextEncoder().encode(args)] as const;
    const spans = 16; // two structs of an address and a count
    const address = this.#exports.malloc(spans + texts[0].length + texts[1].length);
    if (address === 0) return { message: NO_MEMORY };
    let at = address + spans;
    texts.forEach((text, i) => {
      new DataView(this.#memory.buffer).setUint32(address + 8 * i, at, true);
      new DataView(this.#memory.buffer).setUint32(address + 8 * i + 4, text.length, true);
      new Uint8Array(this.#memory.buffer).set(text, at);
      at += text.length;
    });
    const isResult = this.#exports.call(this.#web, address, address + 8, Number(isBytes), this.#limits.seconds);
    this.#exports.free(address);
    const bytes = this.#result();
    return isResult === 1 ? { bytes } : { message: new TextDecoder().decode(bytes) };
  }

  // A copy of the result, whose buffer has nothing else.
  #result(): Uint8Array {
    const from = this.#exports.result(this.#web);
    return new Uint8Array(this.#memory.buffer).slice(from, from + this.#exports.result_bytes(this.#web));
  }
}

// Calls a function of C that may raise an error of Lua.
function protectedCall(exports: Exports, call: number, state: number, context: number): void {
  const stack = exports.__stack_pointer.value as number;
  try {
    (exports.__indirect_function_table.get(call) as (state: number, context: number) => void)(state, context);
  } catch (error) {
    if (error !== LUA_ERROR) throw error;
    exports.__stack_pointer.value = stack;
  }
}
