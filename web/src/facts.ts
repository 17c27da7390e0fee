/**
 * The facts that the Lua module pymalloc.page states, as they arrive as JSON. What is here
 * draws nothing and decides nothing: each type is the result of the function of its name.
 *
 * Bytes are numbers of bytes. Offsets are bytes: of a pool from the first pool of its arena, of
 * a block from the beginning of its pool. Slots are indices in CPython's `arenas` vector.
 */

/**
 * An id or a size of a request, which goes up to 2^64 - 1. A number where a double has it
 * exactly (up to 2^53 - 1), and otherwise its decimal digits. Functions take both.
 */
export type Big = number | string;

/** The place of a pool or, with `block`, of a block. */
export interface Place {
  arena: number;
  pool: number;
  block?: number;
}

/**
 * A value of a field of a struct, as events and headers show it: a number; "-" for NULL; a place
 * ("0:4096" a pool, "0:4096:48" a block); "class 7" (the header of that class's ring in
 * usedpools); "?" for an address outside of the heap; null where the record does not exist.
 */
export type FieldValue = number | string | null;

/** A frame of a call stack: "file:line function" or what the trace says. */
export type Frame = string;

// ---------------------------------------------------------------- sessions

/** The options of open and openText. Each may be left out. */
export interface OpenOptions {
  /**
   * Options of the heap, as pymalloc.heap takes them: profile, alignment, threshold, pool_bytes,
   * arena_bytes, arena_offset, release, max_arenas.
   */
  geometry?: { [option: string]: string | number };
  /** The interpreter whose requests are run; default 0. */
  interpreter?: number;
  /** The request at which the clock begins; those before it are run. Default 0. */
  from?: number;
  /** The request at which the clock ends; those behind it are not read. Default: the last. */
  to?: number;
  /** The name that is shown; default: the path. */
  name?: string;
}

/** A name that profiles have, and the versions of CPython that it is of. */
export interface ProfileName {
  name: string;
  note: string;
}

/** The sizes and rules of a heap. */
export interface Geometry {
  /** The profile, and each field that differs from it: "3.6, pool_bytes 16384". */
  name: string;
  profile: string;
  alignment: number;
  threshold: number;
  pool_bytes: number;
  arena_bytes: number;
  arena_offset: number;
  release: "at_once" | "keep_last" | "never";
  class_count: number;
  pools_per_arena: number;
  /** Bytes of the header of a pool, before its first block. */
  pool_overhead: number;
}

/** A size class. */
export interface SizeClass {
  szidx: number;
  /** Bytes of a block. */
  bytes: number;
  /** Blocks in a pool. */
  blocks: number;
  /** Bytes of a pool that are neither header nor block. */
  waste: number;
}

/** A mark of the recorded program: a phase begins after request `op`. */
export interface Mark {
  op: number;
  text: string;
}

/** A kind of event. A request may have thousands of those that are details. */
export interface EventKind {
  name: string;
  meaning: string;
  detail: boolean;
}

/** What open and openText return. */
export interface Session {
  /** The handle, which other functions take. */
  session: number;
  name: string;
  geometry: Geometry;
  classes: SizeClass[];
  /** The last moment of the clock: the requests of the trace, unless `to` says less. */
  requests: number;
  /** The first moment of the clock, and the last one, which is `requests`. */
  from: number;
  to: number;
  /** The most ids that are live at one time. */
  ids: number;
  marks: Mark[];
  /** Sentences on what is left out or changed. */
  notices: string[];
  /** The names of all kinds of events. */
  events: string[];
  kinds: EventKind[];
  profiles: ProfileName[];
  /** Do the requests tell who asked? */
  has_sites: boolean;
  /**
   * Was it made by openText? Requests can be typed on any session; on a trace they follow the
   * present moment, and the trace is as it was when the last of them is undone.
   */
  is_typed: boolean;
}

/** Bytes over the requests. All arrays have the same length, and point 0 is at `from`. */
export interface Timeline {
  op: number[];
  /** Bytes requested and live in pools. */
  live: number[];
  /** Bytes of arenas: live + rounding + headers + free + unused. */
  held: number[];
  /** The number of arenas. */
  arenas: number[];
  /** Ends of live blocks that were not requested. */
  rounding: number[];
  /** Bytes of pools in use where no block can be, and of arenas where no pool can be. */
  headers: number[];
  /** Blocks of pools in use that are not live. */
  free: number[];
  /** Pools without a live block. */
  unused: number[];
  /** Bytes requested and live in blocks of the raw allocator. */
  raw: number[];
  /** The number of pools in use. */
  pools: number[];
  /** The most after any request since the point before, so that no peak is lost. */
  high: { live: number[]; held: number[]; arenas: number[]; raw: number[] };
  /** A sentence, if the heap needs more addresses than the page has. */
  notice?: string;
}

// ---------------------------------------------------------------- moments

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

// ---------------------------------------------------------------- the map of all pools

/** The states of a pool in the map. */
export const POOL_STATES = ["virgin", "empty", "used", "full"] as const;
export type PoolState = (typeof POOL_STATES)[number];

/** The class of a pool that never had one. */
export const NO_CLASS = 0xffff;

/** The pools of one arena, by their order in it: pool i is at offset i * pool_bytes. */
export interface MapArena {
  slot: number;
  count: number;
  /** Live blocks. */
  refCount: Uint32Array;
  /** Size class, or NO_CLASS. */
  szidx: Uint16Array;
  /** Index in POOL_STATES. */
  state: Uint8Array;
  /** 1: the request just done changed its header or a block of it. */
  changed: Uint8Array;
}

/**
 * Reads the result of map(session). For each live arena, little endian: u32 slot, u32 count, then
 * u32 ref_count[count], u16 szidx[count], u8 state[count], u8 changed[count].
 */
export function readMap(bytes: Uint8Array): MapArena[] {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const words = new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength >> 2);
  const arenas: MapArena[] = [];
  let at = 0;
  while (at + 2 <= words.length) {
    const slot = words[at] ?? 0;
    const count = words[at + 1] ?? 0;
    const first = aligned.byteOffset + 4 * (at + 2);
    arenas.push({
      slot,
      count,
      refCount: new Uint32Array(aligned.buffer, first, count),
      szidx: new Uint16Array(aligned.buffer, first + 4 * count, count),
      state: new Uint8Array(aligned.buffer, first + 6 * count, count),
      changed: new Uint8Array(aligned.buffer, first + 7 * count, count),
    });
    at += 2 + 2 * count;
  }
  return arenas;
}

// ---------------------------------------------------------------- arenas, pools and blocks

/** A field of a struct, in the order of the struct. */
export interface Field {
  name: string;
  value: FieldValue;
  /** The request just done changed it. */
  changed: boolean;
  /** The stored value has no meaning in the present state. */
  stale: boolean;
}

/** A struct of CPython in C, line by line. A line with `field` declares that field. */
export interface StructText {
  /** The name of the struct and the versions of CPython of which it is. */
  title: string;
  lines: { text: string; field?: string }[];
}

export type BlockState = "live" | "free" | "virgin" | "cached";

/** A block of a pool. */
export interface Block {
  offset: number;
  state: BlockState;
  /** Of a live block: its id, the bytes requested, and the request that made or resized it last. */
  id?: Big;
  bytes?: Big;
  request?: number;
  where?: Frame[];
}

/** What pool(session, slot, offset) returns. */
export interface PoolFacts {
  place: Place;
  /** "0:4096" */
  address: string;
  state: "virgin" | "empty" | "used" | "full";
  /** The header, in CPython's order; empty for a virgin pool. */
  header: Field[];
  /** The names of the fields that the request just done changed, and of those that are stale. */
  changed: string[];
  stale: string[];
  /** CPython's struct pool_header. */
  struct: StructText;
  /** -1 for a pool that never had a class. */
  szidx: number;
  /** Bytes of a block, 0 for a pool that never had a class. */
  block_bytes: number;
  /** Bytes of the header, and offset of the first block. */
  overhead: number;
  /** Bytes behind the last block. */
  waste: number;
  blocks: Block[];
  /** Offsets of the free blocks, in the order of the chain. */
  freelist: number[];
}

/** What arena(session, slot) returns. */
export interface ArenaFacts extends Arena {
  /** The arena object, in CPython's order. */
  header: Field[];
  changed: string[];
  stale: string[];
  /** CPython's struct arena_object. */
  struct: StructText;
}

/**
 * Reads the result of look(session, slot, offset): u32 the bytes of the JSON that follows, and behind it what map(session)
 * returns. The arena and the pool are null where they do not exist.
 */
export function readLook(bytes: Uint8Array): { map: MapArena[]; arena: ArenaFacts | null; pool: PoolFacts | null } {
  const end = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const facts = JSON.parse(new TextDecoder().decode(bytes.subarray(4, end))) as { arena: ArenaFacts | null; pool: PoolFacts | null };
  return { map: readMap(bytes.slice(end)), ...facts };
}

/** What lastWrite(session, record, field) returns. */
export interface LastWrite {
  op: number;
  event: Event;
}

/** A record whose field is meant: {} is the heap, {arena} an arena, {arena, pool} a pool. */
export type RecordPlace = { arena?: number; pool?: number };

/** A block that is live now, or what became of an id. What block(session, id) returns. */
export interface BlockLife {
  id: Big;
  /** Is it live now? */
  live: boolean;
  bytes?: Big;
  place?: Place;
  /** "0:4096:48", or "raw". */
  address?: string;
  /** The request that made or resized the live block last. */
  request?: number;
  where?: Frame[];
  /** The first requests of the id, over the whole clock, at most 1,000. */
  requests: Request[];
  /** Requests that are not listed. */
  left_out: number;
}

// ---------------------------------------------------------------- search

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

// ---------------------------------------------------------------- pins, and what if

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

// ---------------------------------------------------------------- conditions

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

/*
 * The functions of pymalloc.page, for Engine.call (map and look: Engine.bytes):
 *
 *   open(path, options?) -> Session          openText(text, options?) -> Session
 *   reopen(session, options) -> Session      the same trace with other options, not read again; it
 *                                            has the typed requests too, and is at the same moment
 *   close(session) -> null
 *   timeline(session, points, from?, to?) -> Timeline   both ends are points
 *   digest(session) -> Digest                checkGeometry(options) -> Geometry, or says what is wrong
 *   seek(session, op) -> Moment              step(session, n) -> Moment, n may be negative
 *   continue(session, condition, 1 | -1) -> Moment | null   null: there is none; nothing moves
 *   moment(session) -> Moment                hash(session) -> 16 digits: the state of the heap now
 *   map(session) -> bytes, for readMap
 *   look(session, slot | null, offset | null) -> bytes, for readLook: the map with an arena and a pool
 *   arena(session, slot) -> ArenaFacts       pool(session, slot, offset) -> PoolFacts
 *   block(session, id) -> BlockLife          lastWrite(session, record, field) -> LastWrite | null
 *   search(session, text) -> SearchResult
 *   pins(session, slot?) -> Pins             whatIf(session, id) -> WhatIf
 *   append(session, line) -> Moment          undo(session) -> Moment
 *   text(session) -> string                  the trace up to the end of the clock, as text
 *   convert(path) -> Converted               profiles() -> ProfileName[]
 *   svg(session), snapshot(session) -> string   the moment as a picture and as JSON, to be saved
 *   dump(session) -> string                  the heap as text, as heap:dump of the library returns it
 */
