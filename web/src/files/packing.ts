/** How a file is packed. */
export type Packing = "none" | "gzip" | "xz" | "zstd";

const MAGICS: readonly (readonly [Packing, readonly number[]])[] =
  [["gzip", [0x1f, 0x8b]], ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a]], ["zstd", [0x28, 0xb5, 0x2f, 0xfd]]];

/** The packing that the first bytes of a file show. */
export function packingOf(head: Uint8Array): Packing {
  return MAGICS.find(([, magic]) => magic.every((byte, i) => head[i] === byte))?.[0] ?? "none";
}

/** The sentence for a file that the page cannot unpack; null if it can. */
export function unpackProblem(name: string, packing: Packing): string | null {
  if (packing !== "xz" && packing !== "zstd") return null;
  const command = packing === "xz" ? "xz -dk" : "unzstd";
  return `${name} is packed by ${packing}, which this page does not unpack. Unpack it first: ${command} '${name.replaceAll("'", "'\\''")}'`;
}

/** The error of a stream that has more bytes than are allowed. */
export class TooLong extends Error {}

/**
 * Reads a stream into one array. It stops with an error as soon as there are more than `most` bytes, so that a small
 * packed file cannot fill the memory. `progress` is given the bytes read so far.
 */
export async function readAll(stream: ReadableStream<Uint8Array>, most: number, problem: () => string,
  progress: (bytes: number) => void): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  const reader = stream.getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    bytes += piece.value.length;
    if (bytes > most) {
      await reader.cancel();
      throw new TooLong(problem());
    }
    pieces.push(piece.value);
    progress(bytes);
  }
  const all = new Uint8Array(bytes);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
