// A trace that is open, and its bytes over the requests.

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
