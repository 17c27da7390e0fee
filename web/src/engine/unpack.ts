// In newer browsers, and much faster than a loop.
const native = Uint8Array as unknown as { fromBase64?: (text: string) => Uint8Array<ArrayBuffer> };

/** The bytes of base64. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  if (native.fromBase64) return native.fromBase64(text);
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}

/** The bytes that were deflated: with the header of gzip, or without a header ("deflate-raw"). */
export async function inflate(deflated: Uint8Array<ArrayBuffer>,
  format: CompressionFormat = "gzip"): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([deflated]).stream().pipeThrough(new DecompressionStream(format));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The bytes of a part of the page, which is gzip in base64 (script/web makes it). */
export async function unpackPart(text: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await inflate(fromBase64(text.trim()));
  } catch {
    throw new Error("the page is cut off or damaged"); // each browser has words of its own
  }
}
