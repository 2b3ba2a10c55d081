import { expect, test } from "bun:test";
import fc from "fast-check";
import { Printed } from "./printed.ts";

test("however it comes in pieces, all of a text that is short enough is there", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 30 }), (pieces) => {
      const printed = new Printed(4_000);
      for (const piece of pieces) printed.push(Buffer.from(piece));
      const all = Buffer.concat(pieces);
      // Bytes that are no text become longer ones, and may be cut for it.
      fc.pre(Buffer.byteLength(all.toString("utf8")) <= 4_000);
      expect(printed.text()).toBe(all.toString("utf8"));
      expect(printed.sizeBytes).toBe(all.length);
    }),
  );
});

test.each([1, 7, 64, 5_000])("a long one in pieces of %d bytes keeps its beginning and its end", (size) => {
  const printed = new Printed(1_000);
  const all = Buffer.from(Array.from({ length: 4_000 }, (_, index) => `${index}\n`).join(""));
  for (let at = 0; at < all.length; at += size) printed.push(all.subarray(at, at + size));
  const text = printed.text();
  expect(text).toStartWith("0\n1\n2\n");
  expect(text).toEndWith("3998\n3999\n");
  expect(text).toContain("bytes cut here");
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1_000);
  expect(printed.sizeBytes).toBe(all.length);
});

test("bytes that become longer as text stay within the bound", () => {
  const printed = new Printed(1_000);
  printed.push(Buffer.alloc(900, 0xff));
  expect(Buffer.byteLength(printed.text())).toBeLessThanOrEqual(1_000);
});
