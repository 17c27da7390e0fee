import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { decodeLzma } from "../src/engine/lzma.ts";
import { projectRoot } from "./native.ts";

function encoded(bytes: Uint8Array, options: string): Uint8Array {
  return execFileSync("xz", ["--format=lzma", `--lzma1=${options}`, "-c"], { input: bytes, maxBuffer: 2 ** 28 });
}

const texts: Record<string, Uint8Array> = {
  "one byte": new Uint8Array([7]),
  "a repeated byte": new Uint8Array(100000).fill(65),
  "random bytes": randomBytes(5000),
  "source code": readFileSync(join(projectRoot(), "csrc", "serve", "alloc.c")),
  "a trace": readFileSync(join(projectRoot(), "traces", "cpython-startup.trace.xz")),
  "distances above 64 KiB": Buffer.concat([Buffer.alloc(70000, "a"), randomBytes(200000)].flatMap((part) => [part, part])),
};

for (const [name, bytes] of Object.entries(texts)) {
  for (const options of ["preset=9e,lc=3,lp=0,pb=0", "preset=6,lc=3,lp=0,pb=2", "preset=1,lc=0,lp=2,pb=4", "preset=6,lc=4,lp=0,pb=1"]) {
    test(`${name}, encoded by xz with ${options}, is decoded`, () => {
      assert.ok(Buffer.from(bytes).equals(decodeLzma(encoded(bytes, options), bytes.length)));
    });
  }
}

test("damaged bytes are an error, or other bytes, but end", () => {
  const whole = encoded(texts["source code"] ?? new Uint8Array(0), "preset=6");
  for (let i = 14; i < whole.length; i += 97) {
    const damaged = whole.slice();
    damaged[i] = (damaged[i] ?? 0) ^ 255;
    try {
      assert.equal(decodeLzma(damaged, 20000).length, 20000);
    } catch (error) {
      assert.match(String(error), /the compressed bytes are damaged/);
    }
  }
});
