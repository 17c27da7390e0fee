import type { Engine } from "../engine/client.ts";
import type { Moment, Place, Session, WhatIf } from "../facts.ts";

/** An arena, a pool or a block that the page shows in detail. */
export interface Selection {
  readonly arena: number;
  readonly pool?: number;
  readonly block?: number;
}

/** What the tools need of the page that they are part of. */
export interface Host {
  readonly engine: Engine;
  /** The session shown, with its moment. Both are null until a trace is open. */
  readonly session: Session | null;
  readonly moment: Moment | null;
  readonly selection: Selection | null;
  /** Goes to a request; of many calls in a row only the newest counts. */
  seek(op: number): void;
  /** Shows a moment to which a function of the engine has moved the session. */
  arrive(moment: Moment): Promise<void>;
  /** Shows another session, and closes the one shown until now. */
  adopt(session: Session): Promise<void>;
  /** Shows an arena, a pool or a block in detail. */
  select(place: Place | Selection): void;
  /** Shows the free of a block that has not happened, or takes it away. */
  ghost(what: WhatIf | null): void;
  /** Calls a function after each change. */
  follow(listener: (change: "session" | "moment" | "selection") => void): void;
  /** Shows a sentence at once and tells it to screen readers. */
  say(text: string): void;
}
