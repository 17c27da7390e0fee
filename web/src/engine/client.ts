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
