import type { Files } from "./files.ts";

/** Puts the files of an archive into /lua: a line of JSON, an array of names and sizes, and then the bytes of all. */
export function unpackLibrary(archive: Uint8Array, files: Files): void {
  const line = archive.indexOf("\n".charCodeAt(0));
  const entries = JSON.parse(new TextDecoder().decode(archive.subarray(0, line))) as [string, number][];
  let at = line + 1;
  for (const [name, bytes] of entries) {
    files.put(`lua/${name}`, archive.subarray(at, at + bytes));
    at += bytes;
  }
}
