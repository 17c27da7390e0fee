import { bytesText } from "../parts/amounts.ts";
import { packingOf, readAll, TooLong, unpackProblem } from "./packing.ts";

/** The largest file that is read, and the most bytes that a packed file may have when it is unpacked. */
export const MOST_BYTES = 2 ** 29;

/** A name for a file in the engine's memory: the library's messages on the file begin with it. */
export function pathOf(name: string): string {
  const plain = name.replace(/\.gz$/i, "").replace(/[^A-Za-z0-9._-]+/g, "_").replace(/^[.-]+/, "").slice(-60);
  return /^\W*$/.test(plain) ? "file" : plain.replace(/\.(xz|zst)$/i, ".$1_");
}

async function unpacked(name: string, file: Blob, progress: (bytes: number) => void): Promise<Uint8Array> {
  const tooLarge = (): string => `${name} has more than ${bytesText(MOST_BYTES)} when it is unpacked, which is the most that this page reads.`;
  try {
    return await readAll(file.stream().pipeThrough(new DecompressionStream("gzip")), MOST_BYTES, tooLarge, progress);
  } catch (error) {
    if (error instanceof TooLong) throw error;
    throw new Error(`${name} cannot be unpacked: it is cut off or damaged.`); // each browser has words of its own for this
  }
}

/** The bytes of a file that was chosen, unpacked. The size is checked before anything is read. */
export async function bytesOf(name: string, file: Blob, progress: (bytes: number) => void): Promise<Uint8Array> {
  if (file.size === 0) throw new Error(`${name} is empty.`);
  if (file.size > MOST_BYTES) {
    throw new Error(`${name} has ${bytesText(file.size)}. This page reads files of up to ${bytesText(MOST_BYTES)}.`);
  }
  const packing = packingOf(new Uint8Array(await file.slice(0, 8).arrayBuffer()));
  const problem = unpackProblem(name, packing);
  if (problem !== null) throw new Error(problem);
  if (packing === "gzip") return unpacked(name, file, progress);
  return readAll(file.stream(), file.size, () => `${name} changes while it is read.`, progress);
}
