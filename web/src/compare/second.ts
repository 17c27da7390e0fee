import { readMap, type MapArena, type Moment, type Session } from "../facts.ts";
import type { App } from "../page/app.ts";
import { latest } from "../parts/latest.ts";
import type { HeapOptions } from "../tools/geometry.ts";

/** A heap at a moment, with what its map needs. */
export interface Heap {
  readonly session: Session;
  readonly moment: Moment;
  readonly map: readonly MapArena[];
}

/**
 * A second heap, of another geometry, on which the same requests are run. It is always at the moment of the page: the
 * page's session and this one are read in one turn.
 */
export class SecondHeap {
  readonly #app: App;
  readonly #listeners: (() => void)[] = [];
  readonly #follow = latest(async () => { await this.#app.guard(this.#app.inTurn(() => this.#seek())); });
  #options: HeapOptions | null = null;
  #heap: Heap | null = null;
  #wasOpen = false;

  constructor(app: App) {
    this.#app = app;
    app.follow((change) => {
      if (this.#options && change === "session") void app.guard(this.open(this.#options));
      else if (this.#heap && change === "moment") this.#follow(null);
    });
  }

  /** The second heap; null: there is none. */
  get heap(): Heap | null { return this.#heap; }

  /**
   * The options of the second heap, with its profile; null: it was taken away; undefined: there was none so far.
   */
  get options(): HeapOptions | null | undefined {
    if (this.#heap && this.#options) return { profile: this.#heap.session.geometry.profile, ...this.#options };
    return this.#wasOpen ? null : undefined;
  }

  /** Calls a function after each change. */
  follow(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Runs the trace of the page on a heap with these options. Rejects with the library's sentence. */
  async open(options: HeapOptions): Promise<void> {
    await this.#app.inTurn(async () => {
      const { session } = this.#app;
      if (!session) return;
      const other = await this.#app.engine.call<Session>("reopen", session.session, { geometry: { ...options }, from: session.from });
      await this.#forget();
      this.#options = options;
      this.#wasOpen = true;
      await this.#load(other);
    });
    this.#tell();
  }

  /** Takes the second heap away. */
  async close(): Promise<void> {
    await this.#app.inTurn(() => this.#forget());
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  async #forget(): Promise<void> {
    const old = this.#heap;
    this.#heap = null;
    this.#options = null;
    if (old) await this.#app.engine.call("close", old.session.session);
  }

  async #load(session: Session): Promise<void> {
    const op = Math.min(session.to, Math.max(session.from, this.#app.moment?.op ?? session.from));
    const moment = await this.#app.engine.call<Moment>("seek", session.session, op);
    this.#heap = { session, moment, map: readMap(await this.#app.engine.bytes("map", session.session)) };
  }

  async #seek(): Promise<void> {
    if (!this.#heap) return;
    await this.#load(this.#heap.session);
    this.#tell();
  }
}

const heaps = new WeakMap<App, SecondHeap>();

/** The second heap of a page: one for all its parts. */
export function secondHeapOf(app: App): SecondHeap {
  const known = heaps.get(app) ?? new SecondHeap(app);
  heaps.set(app, known);
  return known;
}
