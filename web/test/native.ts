import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, isAbsolute } from "node:path";
import { EngineError, type Engine, type Value } from "../src/engine/client.ts";

/** The root of the project: the nearest folder, from the current one upwards, that has csrc/. */
export function projectRoot(): string {
  let folder = process.cwd();
  while (!existsSync(join(folder, "csrc", "pymalloc.h"))) {
    if (folder === dirname(folder)) throw new Error("not inside the project");
    folder = dirname(folder);
  }
  return folder;
}

/** The environment in which lua5.4 finds the modules of this tree and of build/. */
export function nativeEnvironment(): NodeJS.ProcessEnv {
  const root = projectRoot();
  const build = join(root, process.env["PYMALLOC_BUILD"] ?? "build");
  return { ...process.env, LUA_PATH_5_4: `${root}/lua/?.lua;${root}/lua/?/init.lua;;`,
    LUA_CPATH_5_4: `${build}/?.so;;` };
}

interface Waiting {
  resolve: (bytes: Uint8Array) => void;
  reject: (reason: Error) => void;
}

// An Engine whose functions run natively, in a child process: the Lua module in build/, and paths in a folder of
// its own.
class NativeEngine implements Engine {
  readonly #folder = mkdtempSync(join(tmpdir(), "pymalloc-native-"));
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting: Waiting[] = [];
  #received: Buffer = Buffer.alloc(0);
  #listener: (text: string) => void = () => undefined;

  constructor() {
    const root = projectRoot();
    this.#child = spawn("lua5.4", [join(root, "web", "test", "native.lua")], {
      cwd: this.#folder, env: nativeEnvironment(), stdio: "pipe" });
    this.#child.stdout.on("data", (text: Buffer) => { this.#listener(text.toString()); });
    this.#child.stderr.on("data", (bytes: Buffer) => { this.#receive(bytes); });
    this.#child.on("exit", () => { this.#end(); });
  }

  // A result is a line such as "ok 12", and that many bytes.
  #receive(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    for (;;) {
      const line = this.#received.indexOf("\n");
      if (line < 0) return;
      const [status, count] = this.#received.toString("latin1", 0, line).split(" ");
      if (!/^\d+$/.test(count ?? "")) throw new Error(this.#received.toString()); // the child process failed
      const end = line + 1 + Number(count);
      if (this.#received.length < end) return;
      this.#settle(status === "ok", this.#received.subarray(line + 1, end));
      this.#received = this.#received.subarray(end);
    }
  }

  #settle(isResult: boolean, bytes: Uint8Array): void {
    const first = this.#waiting.shift();
    if (isResult) first?.resolve(bytes);
    else first?.reject(new EngineError(new TextDecoder().decode(bytes)));
  }

  #end(): void {
    for (const one of this.#waiting.splice(0)) one.reject(new EngineError("The engine has ended."));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #request(name: string, args: Value[], bytes: boolean): Promise<Uint8Array> {
    if (this.#child.exitCode !== null || this.#child.killed) {
      return Promise.reject(new EngineError("The engine has ended."));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.stdin.write(JSON.stringify({ name, arguments: JSON.stringify(args), bytes }) + "\n");
    });
  }

  async call<T>(name: string, ...args: Value[]): Promise<T> {
    return JSON.parse(new TextDecoder().decode(await this.#request(name, args, false))) as T;
  }

  async bytes(name: string, ...args: Value[]): Promise<Uint8Array> {
    return new Uint8Array(await this.#request(name, args, true)); // a copy, whose buffer has nothing else
  }

  #path(path: string): string {
    if (isAbsolute(path) || path.split("/").includes("..")) throw new EngineError(`${path} is not a relative path`);
    return join(this.#folder, path);
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    await writeFile(this.#path(path), bytes);
  }

  async read(path: string): Promise<Uint8Array> {
    return new Uint8Array(await readFile(this.#path(path)));
  }

  onOutput(listener: (text: string) => void): void {
    this.#listener = listener;
  }

  stop(): void {
    this.#child.kill();
  }
}

/** Starts an Engine that needs no WebAssembly: the same Lua runs natively in a child process, which `stop` ends. */
export function openNativeEngine(): Engine {
  return new NativeEngine();
}
