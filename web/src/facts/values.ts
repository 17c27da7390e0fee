// Values that facts are made of: ids, places, values of fields.

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
