import type { Engine, Value } from "../engine/client.ts";
import { EngineError } from "../engine/client.ts";

/** How long after the limit of a statement its worker is ended, if Lua could not stop it. */
const GRACE = 5000; // milliseconds

/** The messages of an engine that serves no call any more. */
const FAILED = /^The (engine|worker) has (failed|ended)/;

/** An error of a call whose worker was ended: all that it had is lost. */
export class Ended extends Error {}

/** Starts an engine when it is first called. An engine that is stopped is followed by a new one. */
export class Runner {
  readonly #open: () => Promise<Engine>;
  readonly #changed: (isBusy: boolean) => void;
  #engine: Promise<Engine> | null = null;
  #calls = 0;
  #ended = "";

  /** `changed` is told when a call begins and when none is left. */
  constructor(open: () => Promise<Engine>, changed: (isBusy: boolean) => void = () => undefined) {
    this.#open = open;
    this.#changed = changed;
  }

  get isBusy(): boolean {
    return this.#calls > 0;
  }

  /** Calls pymalloc.play.NAME. Rejects with Ended if the worker was ended before the call was over. */
  async call<T>(name: string, ...args: Value[]): Promise<T> {
    this.#engine ??= this.#open();
    const engine = this.#engine;
    this.#calls += 1;
    if (this.#calls === 1) this.#changed(true);
    try {
      return await (await this.#opened(engine)).call<T>(`play.${name}`, ...args);
    } catch (error) {
      if (error instanceof EngineError && engine === this.#engine && FAILED.test(error.message)) this.stop(error.message);
      if (engine !== this.#engine && error instanceof EngineError) throw new Ended(this.#ended);
      throw error;
    } finally {
      this.#calls -= 1;
      if (this.#calls === 0) this.#changed(false);
    }
  }

  // An engine that cannot be opened is opened anew by the next call.
  async #opened(engine: Promise<Engine>): Promise<Engine> {
    try {
      return await engine;
    } catch (error) {
      if (engine === this.#engine) this.#engine = null;
      throw error instanceof EngineError ? new Error(error.message) : error;
    }
  }

  /** The same for a call that Lua stops after this many seconds; should that fail, the worker is ended. */
  async limited<T>(seconds: number, name: string, ...args: Value[]): Promise<T> {
    const timer = setTimeout(() => { this.stop(`It was stopped after ${seconds + GRACE / 1000} seconds.`); },
      seconds * 1000 + GRACE);
    try {
      return await this.call<T>(name, ...args);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the worker. Its calls are rejected with Ended, whose message begins with the reason. */
  stop(reason: string): void {
    const engine = this.#engine;
    this.#engine = null;
    this.#ended = reason;
    void engine?.then((running) => { running.stop(); }, () => undefined);
  }
}
