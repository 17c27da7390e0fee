// Answers to questions: searches, pins, a free that has not happened; conditions; files that were converted.
import type { Event } from "./moment.ts";
import type { BlockLife } from "./records.ts";
import type { Mark } from "./session.ts";
import type { Big, Place, Frame } from "./values.ts";

/** A request that a search has found. */
export interface Hit {
  op: number;
  text: string;
}

/** What search(session, text) returns. */
export type SearchResult =
  | { kind: "id"; id: Big; life: BlockLife }
  | {
      kind: "size";
      bytes: Big;
      /** Live blocks of that size now. */
      blocks: { id: Big; address: string; place?: Place; request: number }[];
      /** The next and the previous request of that size, from this moment. */
      next: Hit | null;
      previous: Hit | null;
      /** Live blocks that are not listed. */
      left_out: number;
    }
  | {
      kind: "address";
      place: Place;
      address: string;
      /** Where the address lies. */
      part: "header" | "block" | "waste" | "virgin";
      /** The beginning of the block in which it lies. */
      block?: number;
      owner?: BlockLife;
    }
  | { kind: "mark"; marks: Mark[] }
  | { kind: "request"; op: number }
  /** `text` says what a search takes. */
  | { kind: "none"; text: string };

/** Blocks of one call site that keep arenas from being released. */
export interface Pin {
  where: string;
  arenas: number;
  /** Arenas in which all live blocks are of it. */
  alone: number;
  blocks: number;
  bytes: number;
}

/** A live block that keeps an arena. */
export interface PinnedBlock {
  id: Big;
  bytes: Big;
  request: number;
  place: Place;
  address: string;
  where?: Frame[];
}

/** What pins(session, slot?) returns. */
export interface Pins {
  /** Who asked, the groups that pin the most arenas first; one group if the trace has no sites. */
  rows: Pin[];
  /** Groups that are not listed. */
  rows_left_out: number;
  /** The arena whose blocks are listed, by address: the one asked for, or the one with the fewest. */
  slot: number | null;
  blocks: PinnedBlock[];
  /** Blocks of it that are not listed. */
  left_out: number;
  /** Arenas with a live block, those with the fewest live blocks first. */
  arenas: { slot: number; blocks: number; bytes: number }[];
  /** Arenas that are not listed. */
  arenas_left_out: number;
}

/** What whatIf(session, id) returns: the events that a free of the block would cause now. */
export interface WhatIf {
  id: Big;
  events: Event[];
  left_out: number;
  /** The block that would be freed; none for one of the raw allocator. */
  place?: Place;
  /** "0:4096:48", or "raw". */
  address: string;
  /** The arena that would be released. */
  released?: number;
}

/**
 * A condition of continue: the name of a kind of event, or several; kinds in one size class; a mark
 * (its text, or true for any).
 */
export type Condition = string | string[] | { kind: string | string[]; class?: number } | { mark: string | true };

/** What convert(path) returns: a trace that was made of another file, which open takes. */
export interface Converted {
  path: string;
  requests: number;
  format: string;
  notices: string[];
}

/** What digest(session) returns: 16 digits, which run:digest() of the library returns natively. */
export type Digest = string;
