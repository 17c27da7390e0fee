// The state of all pools, as bytes.

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
