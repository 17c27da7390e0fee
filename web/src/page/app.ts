import { EngineError, type Engine, type Value } from "../engine/client.ts";
import { readLook, readShown, type ArenaFacts, type Change as FieldChange, type Condition, type MapArena, type Moment, type OpenOptions,
  type PoolFacts, type Session, type WhatIf } from "../facts.ts";
import { latest } from "../parts/latest.ts";
import { applyEvents, mergedChanges } from "./apply.ts";
import { readPlace, viewOf, VIEWS, type Selection, type View } from "./link.ts";

/** The change of which a listener is told: another session, moment, selection, step, free that has not happened, or colours. */
export type Change = "session" | "moment" | "selection" | "step" | "theme" | "ghost";

export type Theme = "system" | "light" | "dark";

/** The facts that the pictures of one moment show. Those of the selection are null where it does not exist. */
export interface Picture {
  readonly moment: Moment;
  readonly map: MapArena[];
  readonly arena: ArenaFacts | null;
  readonly pool: PoolFacts | null;
}

/** Where the page shows sentences. */
export interface Speaker {
  /** For everyone who looks, and at once for screen readers. */
  say(text: string): void;
  /** An error, which stays until it is closed. */
  fail(text: string): void;
}

interface Look { selection: Selection; view: View | null }

type Goal = { op: number } | { steps: number } | { condition: Condition; direction: 1 | -1 };

/** The block that a request has made or freed; null where it has none in an arena. */
export function placeOf(moment: Moment): Selection | null {
  return readPlace(moment.request?.address ?? "");
}

/** The moment that is shown first: the end of typed requests, and of a trace the middle, where most of it is live. */
export function firstMoment(session: Session): number {
  return session.is_typed ? session.to : Math.ceil((session.from + session.to) / 2);
}

/** The sentence of an error. */
export function sentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return error instanceof EngineError ? text : `The page has failed: ${text}`;
}

/**
 * The state of the page: which trace, which moment of it, what is selected. All parts of the page change it by these
 * methods, and follow its changes. A method that asks the engine shows errors by itself.
 */
export class App {
  readonly engine: Engine;
  readonly #speaker: Speaker;
  readonly #listeners: ((change: Change) => void)[] = [];
  readonly #go = latest(async (goal: Goal) => { await this.guard(this.inTurn(() => this.#move(goal))); });
  readonly #look = latest(async (look: Look) => { await this.guard(this.inTurn(() => this.#choose(look))); });
  #session: Session | null = null;
  #picture: Picture | null = null;
  #before: Picture | null = null;
  #shown: Picture | null = null;
  #changes: readonly FieldChange[] = [];
  #step: number | null = null;
  #selection: Selection = {};
  #geometry: Readonly<Record<string, string | number>> = {};
  #options: OpenOptions = {};
  #view: View = "heap";
  #isFollowing = true;
  #theme: Theme = "system";
  #ghost: WhatIf | null = null;
  #hasMoved = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(engine: Engine, speaker: Speaker) {
    this.engine = engine;
    this.#speaker = speaker;
  }

  get session(): Session | null { return this.#session; }
  get moment(): Moment | null { return this.#picture?.moment ?? null; }
  /** The facts after the whole request. */
  get picture(): Picture | null { return this.#picture; }
  /** The facts that the pictures show: after the whole request, or after its events up to the step. */
  get shown(): Picture | null { return this.#shown ?? this.#picture; }
  /** The fields that have changed: by the event of the step, or without a step by the whole request. */
  get changes(): readonly FieldChange[] { return this.#changes; }
  /** The event of the request that is the last one done; null: all are. */
  get step(): number | null { return this.#step; }
  get selection(): Selection { return this.#selection; }
  /** The options of the heap that differ from those that the page was made with. */
  get geometry(): Readonly<Record<string, string | number>> { return this.#geometry; }
  /** What the map shows. */
  get view(): View { return this.#view; }
  /** Does the selection follow the requests? */
  get isFollowing(): boolean { return this.#isFollowing; }
  get theme(): Theme { return this.#theme; }
  /** A free that has not happened, which the map marks. It ends when the moment changes. */
  get ghost(): WhatIf | null { return this.#ghost; }

  /** Calls a function after each change, and at once if a session is open. */
  follow(listener: (change: Change) => void): void {
    this.#listeners.push(listener);
    if (this.#session) listener("session");
  }

  say(text: string): void { this.#speaker.say(text); }

  fail(error: unknown): void { this.#speaker.fail(sentence(error)); }

  /** Waits for a result; an error is shown, and the result is then null. */
  async guard<T>(result: Promise<T>): Promise<T | null> {
    try {
      return await result;
    } catch (error) {
      this.fail(error);
      return null;
    }
  }

  /**
   * Runs a task after all tasks before it have ended. Whatever moves the session is such a task: the facts that a task
   * reads are then all of one moment.
   */
  inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Opens a trace that is a file in the engine's memory, or "@startup" or "@json". */
  open(path: string, options: OpenOptions = {}, op?: number): Promise<Session | null> {
    return this.guard(this.attemptOpen(path, options, op));
  }

  /** Does the same, but rejects with the error instead of showing it. */
  attemptOpen(path: string, options: OpenOptions, op?: number): Promise<Session> {
    return this.inTurn(() => this.#openNew("open", path, options, op));
  }

  /** Opens requests that are typed: "" is an empty heap. */
  openText(text: string, options: OpenOptions = {}, op?: number): Promise<Session | null> {
    return this.guard(this.inTurn(() => this.#openNew("openText", text, options, op)));
  }

  /** Runs the same trace on a heap with other options; {} is the heap of the page. Stays at its moment. */
  setGeometry(geometry: Readonly<Record<string, string | number>>): Promise<Session | null> {
    return this.guard(this.inTurn(() => this.#reopen(this.#options, geometry)));
  }

  /** Runs the same trace with other bounds of the clock. */
  setRange(from: number, to: number): Promise<Session | null> {
    return this.guard(this.inTurn(() => this.#reopen({ ...this.#options, from, to }, this.#geometry)));
  }

  /** Goes to a moment, a selection and a step at once. Without a selection it follows the requests. */
  async goTo(op: number, selection: Selection | null, step: number | null, view?: View): Promise<void> {
    await this.guard(this.inTurn(async () => {
      if (!this.#session) return;
      this.#isFollowing = selection === null;
      if (selection) this.#selection = selection;
      this.#view = view ?? (selection ? viewOf(selection) : this.#view);
      await this.#move({ op });
      if (step !== null) await this.#setStep(step);
    }));
  }

  /**
   * Goes back one request and returns, in one turn. A browser compiles code when it runs for the first time, and the first
   * jump of the reader would wait for that. Does nothing after the first jump, and where the page would not show again what it
   * shows.
   */
  async warmUp(): Promise<void> {
    await this.guard(this.inTurn(async () => {
      const { moment } = this;
      if (this.#hasMoved || !moment || moment.op <= (this.#session?.from ?? 0) || this.#step !== null || (this.#isFollowing && !placeOf(moment))) return;
      for (const op of [moment.op - 1, moment.op]) await this.#move({ op });
    }));
  }

  /** Goes to a moment. Of many calls in a row only the newest counts. */
  seek(op: number): void { this.#go({ op }); }

  /** Goes some requests ahead, or back. */
  move(steps: number): void { this.#go({ steps }); }

  /** Goes to the next or previous moment of a condition. */
  continue(condition: Condition, direction: 1 | -1): void { this.#go({ condition, direction }); }

  /** Calls a function of the engine that moves the session and returns its moment, such as append; null: it failed. */
  act(name: string, ...args: Value[]): Promise<Moment | null> {
    return this.guard(this.attempt(name, ...args));
  }

  /** Does the same, but rejects with the error instead of showing it. */
  attempt(name: string, ...args: Value[]): Promise<Moment> {
    return this.inTurn(async () => {
      const picture = await this.#ask(name, ...args);
      if (!picture) throw new Error(`${name} returned no moment`);
      this.#show(picture);
      return picture.moment;
    });
  }

  /** Calls a function of the engine on the session, which it does not move. */
  ask<T>(name: string, ...args: Value[]): Promise<T> {
    return this.inTurn(() => this.engine.call<T>(name, this.#session?.session ?? 0, ...args));
  }

  /** Marks a free that has not happened, or takes the mark away. */
  setGhost(ghost: WhatIf | null): void {
    if (ghost === this.#ghost) return;
    this.#ghost = ghost;
    this.notify("ghost");
  }

  /** Chooses the event of the request up to which the pictures are; null: all. */
  setStep(step: number | null): void { void this.guard(this.inTurn(() => this.#setStep(step))); }

  /** Selects an arena, a pool or a block; {} is the whole heap. The selection then no longer follows the requests. */
  select(selection: Selection): void {
    this.#isFollowing = false;
    this.#look({ selection, view: null });
  }

  /** Selects an arena, a pool or a block, and the map shows it. */
  zoom(selection: Selection): void {
    this.#isFollowing = false;
    this.#look({ selection, view: viewOf(selection) });
  }

  /** Sets what the map shows: the heap, or what is selected; if nothing of that kind is selected, the first one. */
  setView(view: View): void { this.#look({ selection: this.#first(view), view }); }

  /** From now on the selection is the block of each request; or it stays where it is. */
  setFollowing(isFollowing: boolean): void {
    this.#isFollowing = isFollowing;
    const selection = isFollowing && this.moment ? placeOf(this.moment) : null;
    this.#look({ selection: selection ?? this.#selection, view: null });
  }

  /** Sets the colours. */
  setTheme(theme: Theme): void {
    this.#theme = theme;
    if (theme === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
    this.notify("theme");
  }

  /** Tells all listeners of a change. */
  notify(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }

  async #openNew(name: string, trace: string, options: OpenOptions, op?: number): Promise<Session> {
    const session = await this.#open(name, trace, options, op);
    this.#options = options;
    this.#geometry = {};
    return session;
  }

  async #reopen(options: OpenOptions, geometry: Readonly<Record<string, string | number>>): Promise<Session> {
    const all = { ...options, geometry: { ...options.geometry, ...geometry } };
    const session = await this.#open("reopen", this.#session?.session ?? 0, all, this.moment?.op);
    this.#options = options;
    this.#geometry = geometry;
    return session;
  }

  async #open(name: string, trace: string | number, options: OpenOptions, op?: number): Promise<Session> {
    const session = await this.engine.call<Session>(name, trace, { ...options });
    const old = this.#session;
    this.#session = session;
    const picture = await this.#ask("seek", this.#clamped(op ?? firstMoment(session)));
    if (picture) this.#load(picture);
    this.#dropPool();
    this.notify("session");
    if (old) await this.engine.call("close", old.session);
    for (const notice of session.notices) this.say(notice);
    return session;
  }

  // Pools of another heap may begin elsewhere: one that does not exist is no longer selected.
  #dropPool(): void {
    const { arena, pool } = this.#selection;
    if (arena === undefined || pool === undefined || this.#picture?.pool) return;
    this.#selection = { arena };
    if (this.#view !== "heap") this.#view = "arena";
  }

  #clamped(op: number): number {
    const { from, to } = this.#session ?? { from: 0, to: 0 };
    return Math.max(from, Math.min(to, Math.round(op)));
  }

  async #move(goal: Goal): Promise<void> {
    if (!this.#session) return;
    this.#hasMoved = true;
    let picture: Picture | null;
    if ("op" in goal) picture = await this.#ask("seek", this.#clamped(goal.op));
    else if ("steps" in goal) picture = await this.#ask("step", goal.steps);
    else picture = await this.#ask("continue", goal.condition, goal.direction);
    if (picture) this.#show(picture);
    else this.say(`There is none ${"direction" in goal && goal.direction < 0 ? "before" : "after"} this request.`);
  }

  // Calls a function that moves the session. The facts of the new moment come with its result, as each call wakes the
  // engine's thread. null: it has not moved.
  async #ask(name: string, ...args: Value[]): Promise<Picture | null> {
    const { arena, pool } = this.#selection;
    return readShown(await this.engine.bytes("show", this.#session?.session ?? 0, name, args, this.#isFollowing, arena ?? null, pool ?? null));
  }

  #show(picture: Picture): void {
    this.#load(picture);
    const session = this.#session;
    const { requests } = picture.moment;
    if (session && requests !== session.to) { // typed requests move the end of the clock
      this.#session = { ...session, requests, to: requests };
      this.notify("session");
    }
    this.notify("moment");
  }

  #load(picture: Picture): void {
    if (this.#isFollowing) this.#selection = placeOf(picture.moment) ?? this.#selection;
    this.#picture = picture;
    this.#before = null;
    this.#step = null;
    this.#ghost = null;
    this.#apply();
  }

  // The facts of the present moment, with another selection.
  async #read(moment: Moment, { arena, pool }: Selection): Promise<Picture> {
    const bytes = await this.engine.bytes("look", this.#session?.session ?? 0, arena ?? null, pool ?? null);
    return { moment, ...readLook(bytes) };
  }

  // The selection, with the first of what it lacks for a view.
  #first(view: View): Selection {
    const depth = VIEWS.indexOf(view);
    const { arena = this.#picture?.moment.arenas[0]?.slot, pool = 0, block = this.#session?.geometry.pool_overhead ?? 0 } = this.#selection;
    if (depth === 0 || arena === undefined) return this.#selection;
    if (depth === 1) return { ...this.#selection, arena };
    return depth === 2 ? { ...this.#selection, arena, pool } : { arena, pool, block };
  }

  async #choose({ selection, view }: Look): Promise<void> {
    const picture = this.#picture;
    if (!picture) return;
    const next = await this.#read(picture.moment, selection);
    this.#selection = selection;
    if (view) this.#view = view;
    if (VIEWS.indexOf(this.#view) > VIEWS.indexOf(viewOf(selection))) this.#view = viewOf(selection);
    this.#picture = next;
    if (this.#step !== null) this.#before = await this.#readBefore();
    this.#apply();
    this.notify("selection");
  }

  async #setStep(step: number | null): Promise<void> {
    const picture = this.#picture;
    const last = (picture?.moment.events.length ?? 0) - 1;
    const wanted = step === null || step >= last ? null : Math.max(0, step);
    if (wanted !== null && !this.#before) {
      this.#before = await this.#readBefore();
    }
    this.#step = wanted;
    this.#apply();
    this.notify("step");
  }

  // Makes what is shown of what was read.
  #apply(): void {
    const events = this.moment?.events ?? [];
    this.#shown = null;
    this.#changes = this.#step === null ? mergedChanges(events) : events[this.#step]?.fields ?? [];
    if (this.#step !== null && this.#picture && this.#before && this.#session) {
      this.#shown = applyEvents(this.#before, this.#picture, this.#step, this.#session);
    }
  }

  // The facts before the request. The session goes back one request and returns.
  async #readBefore(): Promise<Picture | null> {
    const handle = this.#session?.session;
    const op = this.moment?.op;
    if (handle === undefined || op === undefined || op <= (this.#session?.from ?? 0)) return null;
    const selection = this.#selection;
    const moment = await this.engine.call<Moment>("seek", handle, op - 1);
    try {
      return await this.#read(moment, selection);
    } finally {
      await this.engine.call("seek", handle, op);
    }
  }
}
