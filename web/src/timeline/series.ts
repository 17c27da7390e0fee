/** The values of the timeline at some requests, all arrays of one length. Bytes, but for `op` and `arenas`. */
export interface Series {
  readonly op: readonly number[];
  readonly live: readonly number[];
  readonly held: readonly number[];
  readonly arenas: readonly number[];
  readonly rounding: readonly number[];
  readonly headers: readonly number[];
  readonly free: readonly number[];
  readonly unused: readonly number[];
  readonly raw: readonly number[];
  /** The most after any request since the value before. */
  readonly high: { readonly held: readonly number[]; readonly arenas: readonly number[] };
}

export type LayerName = "live" | "rounding" | "headers" | "free" | "unused" | "raw";

/** A kind of bytes that is a layer of the stack. */
export interface Layer {
  readonly name: LayerName;
  readonly label: string;
  readonly meaning: string;
}

/** The layers from the lowest to the highest. All but raw are the bytes of arenas. */
export const LAYERS: readonly Layer[] = [
  { name: "live", label: "live", meaning: "bytes of live blocks, as requested" },
  { name: "rounding", label: "rounding", meaning: "the end of a block that was not requested" },
  { name: "headers", label: "headers", meaning: "pool headers, and bytes of a pool that no block can have" },
  { name: "free", label: "free", meaning: "free blocks in used pools, which only requests of the same class can get" },
  { name: "unused", label: "unused", meaning: "unused pools, which any class can get" },
  { name: "raw", label: "raw", meaning: "blocks of the raw allocator, outside all arenas" },
];

/** The index of the last value at or before a request; 0 if there is none. */
export function indexAt(op: readonly number[], wanted: number): number {
  let low = 0;
  let high = op.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((op[middle] ?? Infinity) <= wanted) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

/** The upper edges of the visible layers, lowest first: each is the sum of the layers up to it. */
export function stacked(series: Series, visible: ReadonlySet<LayerName>): { layer: Layer; top: number[] }[] {
  const sums = new Array<number>(series.op.length).fill(0);
  return LAYERS.filter((layer) => visible.has(layer.name)).map((layer) => {
    const values = series[layer.name];
    for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) + (values[i] ?? 0);
    return { layer, top: [...sums] };
  });
}

/** The greatest value; 0 for no values. */
export function greatest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

/** The largest value that the chart shows: the highest edge of the stack, or the bytes held. */
export function highest(series: Series, visible: ReadonlySet<LayerName>): number {
  const edges = stacked(series, visible);
  return Math.max(greatest(series.high.held), greatest(edges.at(-1)?.top ?? []));
}
