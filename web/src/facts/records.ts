// An arena and a pool with their structs and blocks.
import { readMap, type MapArena } from "./map.ts";
import type { Request, Event, Arena, Moment } from "./moment.ts";
import type { Big, Place, FieldValue, Frame } from "./values.ts";

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

/** What the pictures of a moment are made of. The arena and the pool are null where they do not exist. */
export interface Look {
  map: MapArena[];
  arena: ArenaFacts | null;
  pool: PoolFacts | null;
}

/**
 * Reads the result of look(session, slot, offset): u32 the bytes of the JSON that follows, and behind it what map(session)
 * returns.
 */
export function readLook(bytes: Uint8Array): Look {
  const end = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const facts = JSON.parse(new TextDecoder().decode(bytes.subarray(4, end))) as Omit<Look, "map">;
  return { ...facts, map: readMap(bytes.slice(end)) };
}

/** Reads the result of show(session, name, arguments, follows, slot, offset); null where the function has returned null. */
export function readShown(bytes: Uint8Array): Look & { moment: Moment } | null {
  return bytes.length === 0 ? null : readLook(bytes) as Look & { moment: Moment };
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
