import { decodeLzma } from "./lzma.ts";

/** The bytes of base64. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}

/** The bytes that were deflated, with the header of zlib ("deflate") or of gzip. */
export async function inflate(deflated: Uint8Array<ArrayBuffer>,
  format: CompressionFormat = "deflate"): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([deflated]).stream().pipeThrough(new DecompressionStream(format));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The bytes of a part of the page: their count, a space, and LZMA in base64 (script/web makes it). */
export function unpackPart(text: string): Uint8Array<ArrayBuffer> {
  const [bytes = "", packed = ""] = text.trim().split(" ");
  return decodeLzma(fromBase64(packed), Number(bytes));
}
