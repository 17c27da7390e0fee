import type { Engine } from "../engine/client.ts";
import type { Moment, Session } from "../facts.ts";

/** What the tools need of the page that they are part of. */
export interface Host {
  readonly engine: Engine;
  /** The session shown, with its moment. Both are null until a trace is open. */
  readonly session: Session | null;
  readonly moment: Moment | null;
  /** Goes to a request; of many calls in a row only the newest counts. */
  seek(op: number): void;
  /** Calls a function now and after each change of the session or the moment. */
  follow(listener: (change: "session" | "moment") => void): void;
  /** Shows a sentence at once and tells it to screen readers. */
  say(text: string): void;
}
