// LZMA, as `xz --format=lzma` writes it: a header of 13 bytes, and then bits of a range coder.
// A probability is a number of 2048ths; probabilities of all contexts are in one array, at these offsets.
const STATES = 12, POSITIONS = 16;
const IS_MATCH = 0;
const IS_REP = IS_MATCH + STATES * POSITIONS;
const IS_REP_0 = IS_REP + STATES;
const IS_REP_1 = IS_REP_0 + STATES;
const IS_REP_2 = IS_REP_1 + STATES;
const IS_REP_0_LONG = IS_REP_2 + STATES;
const SLOT = IS_REP_0_LONG + STATES * POSITIONS;
const SPECIAL = SLOT + 4 * 64;
const ALIGN = SPECIAL + 115;
const LENGTH_CODER = 2 + 2 * POSITIONS * 8 + 256;
const LENGTH = ALIGN + 16;
const REP_LENGTH = LENGTH + LENGTH_CODER;
const LITERAL = REP_LENGTH + LENGTH_CODER;
const LITERAL_CODER = 0x300;

const HEADER = 13;
const TOP = 2 ** 24;

/** Decodes bits from the bytes of a range coder. */
class RangeDecoder {
  readonly #input: Uint8Array;
  readonly #odds: Uint16Array;
  #at = HEADER + 5; // the first byte is 0, and four make the first code
  #range = 0xFFFFFFFF;
  #code: number;

  constructor(input: Uint8Array, contexts: number) {
    this.#input = input;
    this.#odds = new Uint16Array(contexts).fill(1024);
    this.#code = new DataView(input.buffer, input.byteOffset + HEADER + 1, 4).getUint32(0);
  }

  #normalize(): void {
    if (this.#range >= TOP) return;
    this.#range = (this.#range << 8) >>> 0;
    this.#code = ((this.#code << 8) | (this.#input[this.#at++] ?? 0)) >>> 0;
  }

  /** A bit in a context. */
  bit(context: number): number {
    const odds = this.#odds[context] ?? 0;
    const bound = (this.#range >>> 11) * odds;
    const isOne = this.#code >= bound;
    if (isOne) {
      this.#range -= bound;
      this.#code -= bound;
      this.#odds[context] = odds - (odds >>> 5);
    } else {
      this.#range = bound;
      this.#odds[context] = odds + ((2048 - odds) >>> 5);
    }
    this.#normalize();
    return isOne ? 1 : 0;
  }

  /** A number of some bits, the highest first, each in a context that the bits before it select. */
  tree(context: number, bits: number): number {
    let node = 1;
    for (let i = 0; i < bits; i++) node = (node << 1) | this.bit(context + node);
    return node - (1 << bits);
  }

  /** The same, the lowest first. */
  reverseTree(context: number, bits: number): number {
    let node = 1, number = 0;
    for (let i = 0; i < bits; i++) {
      const bit = this.bit(context + node);
      node = (node << 1) | bit;
      number |= bit << i;
    }
    return number;
  }

  /** A number of some bits that are as often 0 as 1. */
  direct(bits: number): number {
    let number = 0;
    for (let i = 0; i < bits; i++) {
      this.#range >>>= 1;
      const isOne = this.#code >= this.#range;
      if (isOne) this.#code -= this.#range;
      number = (number << 1) | (isOne ? 1 : 0);
      this.#normalize();
    }
    return number;
  }
}

function decodeLength(coder: RangeDecoder, context: number, position: number): number {
  if (coder.bit(context) === 0) return 2 + coder.tree(context + 2 + 8 * position, 3);
  if (coder.bit(context + 1) === 0) return 10 + coder.tree(context + 2 + 8 * (POSITIONS + position), 3);
  return 18 + coder.tree(context + 2 + 16 * POSITIONS, 8);
}

function decodeDistance(coder: RangeDecoder, length: number): number {
  const slot = coder.tree(SLOT + 64 * Math.min(length - 2, 3), 6);
  if (slot < 4) return slot;
  const bits = (slot >> 1) - 1;
  const high = (2 | (slot & 1)) << bits;
  if (slot < 14) return high + coder.reverseTree(SPECIAL + high - slot, bits);
  return (high >>> 0) + coder.direct(bits - 4) * 16 + coder.reverseTree(ALIGN, 4);
}

// A byte, in contexts of the byte before it and, after a match, of the byte that the last distance predicts.
function decodeLiteral(coder: RangeDecoder, context: number, predicted: number | undefined): number {
  let symbol = 1;
  while (predicted !== undefined && symbol < 0x100) {
    const expected = (predicted >> 7) & 1;
    predicted <<= 1;
    const bit = coder.bit(context + ((1 + expected) << 8) + symbol);
    symbol = (symbol << 1) | bit;
    if (bit !== expected) break;
  }
  while (symbol < 0x100) symbol = (symbol << 1) | coder.bit(context + symbol);
  return symbol & 0xFF;
}

// Makes one of the last four distances the first. true: only one byte is repeated, from the first distance.
function repeat(coder: RangeDecoder, state: number, position: number, last: number[]): boolean {
  if (coder.bit(IS_REP_0 + state) === 0) return coder.bit(IS_REP_0_LONG + state * POSITIONS + position) === 0;
  const which = coder.bit(IS_REP_1 + state) === 0 ? 1 : 2 + coder.bit(IS_REP_2 + state);
  last.unshift(...last.splice(which, 1));
  return false;
}

/** Decodes LZMA to this many bytes. */
export function decodeLzma(input: Uint8Array, bytes: number): Uint8Array<ArrayBuffer> {
  const properties = input[0] ?? 0;
  const contextBits = properties % 9;
  const literalMask = (1 << (Math.trunc(properties / 9) % 5)) - 1;
  const positionMask = (1 << Math.trunc(properties / 45)) - 1;
  const coder = new RangeDecoder(input, LITERAL + (LITERAL_CODER << contextBits) * (literalMask + 1));
  const out = new Uint8Array(bytes);
  const last = [0, 0, 0, 0]; // distances less 1
  let at = 0, state = 0;
  while (at < bytes) {
    const position = at & positionMask;
    if (coder.bit(IS_MATCH + state * POSITIONS + position) === 0) {
      const before = at > 0 ? out[at - 1] ?? 0 : 0;
      const context = ((at & literalMask) << contextBits) + (before >> (8 - contextBits));
      out[at] = decodeLiteral(coder, LITERAL + LITERAL_CODER * context,
        state < 7 ? undefined : out[at - (last[0] ?? 0) - 1]);
      at++;
      state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
      continue;
    }
    let length: number;
    if (coder.bit(IS_REP + state) === 0) {
      length = decodeLength(coder, LENGTH, position);
      last.pop();
      last.unshift(decodeDistance(coder, length));
      state = state < 7 ? 7 : 10;
    } else if (repeat(coder, state, position, last)) {
      length = 1;
      state = state < 7 ? 9 : 11;
    } else {
      length = decodeLength(coder, REP_LENGTH, position);
      state = state < 7 ? 8 : 11;
    }
    const from = at - (last[0] ?? 0) - 1;
    if (from < 0 || at + length > bytes) throw new Error("the compressed bytes are damaged");
    for (let i = 0; i < length; i++) out[at + i] = out[from + i] ?? 0;
    at += length;
  }
  return out;
}
