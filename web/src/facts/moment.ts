// The heap after a request, and the events of that request.
import type { Big, Place, FieldValue, Frame } from "./values.ts";

/** The request just done. */
export interface Request {
  /** Its number, from 1. */
  op: number;
  operation: "malloc" | "calloc" | "realloc" | "free";
  /** The letter of the trace format: a, c, r or f. */
  letter: "a" | "c" | "r" | "f";
  id: Big;
  /** Bytes requested; of a free, those of the block that it freed. */
  bytes?: Big;
  /** Of a realloc: the bytes of the block before. */
  old_bytes?: Big;
  /** The place of the block after the request, or of the block that was freed: "0:4096:48"; "raw". */
  address?: string;
  /** The line of the trace: "a 7 24". */
  text: string;
  where?: Frame[];
}

/** The change of one field. */
export interface Change {
  of: "heap" | "arena" | "group" | "class" | "pool" | "block";
  /** The record: "0:4096", "arena 3", "class 7", "group 3"; "" for the heap. */
  record: string;
  name: string;
  before: FieldValue;
  after: FieldValue;
}

/** A step inside a request. */
export interface Event {
  /** Its number in the request, from 0. */
  n: number;
  kind: string;
  /** The event in one line, as the library prints it. */
  text: string;
  /** The pool or block that it is about. */
  place: Place | null;
  /** The arena that it is about, or in which the place is. */
  arena: number | null;
  /** One of thousands that a request may have. */
  detail: boolean;
  fields: Change[];
}

/** The parts of the heap, in numbers. Bytes as in Timeline. */
export interface Stats {
  live: number;
  held: number;
  arenas: number;
  /** Pools in use. */
  pools: number;
  /** Live blocks, also those of the raw allocator. */
  blocks: number;
  /** Those of the raw allocator among them. */
  raw_blocks: number;
  rounding: number;
  headers: number;
  free: number;
  unused: number;
  raw: number;
  /** The most arenas so far, those ever obtained and those ever released. */
  highwater: number;
  obtained: number;
  released: number;
}

/** An arena object of CPython. */
export interface Arena {
  slot: number;
  /** Bytes from the first arena's address. */
  address: number;
  nfreepools: number;
  ntotalpools: number;
  /** Pools with a live block. */
  pools: number;
  /** Pools that were carved. */
  carved: number;
  /** Slots of the neighbours in usable_arenas; null at an end, and for a full arena. */
  nextarena: number | null;
  prevarena: number | null;
  /** Offsets of the empty pools, in the order of the list. */
  freepools: number[];
  /** Offset of the next pool to carve. */
  pool_address: number;
  state: "usable" | "full";
  /** 1 for the first arena that the heap obtained. */
  serial: number;
}

/** The heap after request `op`. */
export interface Moment {
  op: number;
  /** The last moment of the clock. */
  requests: number;
  /** How many requests that were typed can be undone. */
  typed: number;
  request: Request | null;
  /** The events of the request just done; `left_out` counts details that are not listed. */
  events: Event[];
  left_out: number;
  stats: Stats;
  /** The slots of usable arenas, in the order of the list. */
  usable_arenas: number[];
  /** The slots without an arena, in the order of the list. */
  unused_arena_objects: number[];
  usedpools: { szidx: number; pools: Place[] }[];
  arenas: Arena[];
  /** Places that the lists above leave out, because there are too many; 0 unless the heap is large. */
  shortened: number;
  /** The texts of the marks at this moment. */
  marks: string[];
}
