import { expect, test } from "bun:test";
import fc from "fast-check";
import { fromBase64, toBase64 } from "./base64.ts";

test("says of any bytes what everybody else says, and reads it back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
      expect([...fromBase64(toBase64(bytes))]).toEqual([...bytes]);
    }),
  );
});

test("has no seam between its runs", () => {
  for (const length of [3 * 4096 - 1, 3 * 4096, 3 * 4096 + 1, 100_000]) {
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 7) & 255);
    expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
    expect(Buffer.from(fromBase64(toBase64(bytes))).equals(Buffer.from(bytes))).toBe(true);
  }
});
