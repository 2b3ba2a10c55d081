import { expect, test } from "bun:test";
import fc from "fast-check";
import { truncate } from "./truncate.ts";

const bytesOf = (text: string) => Buffer.byteLength(text);
const MARKER = /\n\[… (\d+) bytes cut here …\]\n/;

test("a text that fits is given as it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (text) => {
      expect(truncate(text, bytesOf(text))).toEqual({ text: text.toWellFormed(), cutBytes: 0 });
    }),
  );
});

test("no text comes out longer than allowed, and what comes out is whole characters", () => {
  const texts = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 600 }),
    fc.string({ unit: "binary", maxLength: 600 }),
  );
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 700 }), (text, maxBytes) => {
      const result = truncate(text, maxBytes);
      expect(bytesOf(result.text)).toBeLessThanOrEqual(maxBytes);
      expect(result.text.isWellFormed()).toBe(true);
      if (!text.toWellFormed().includes("\uFFFD")) expect(result.text).not.toContain("\uFFFD");
    }),
  );
});

test("head and tail are those of the text, and the line between them says how many bytes are missing", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 300, maxLength: 600 }), (text) => {
      const result = truncate(text, 200);
      const marker = MARKER.exec(result.text);
      expect(marker).not.toBeNull();
      const [head = "", tail = ""] = result.text.split(marker?.[0] ?? "");
      expect(text.toWellFormed().startsWith(head)).toBe(true);
      expect(text.toWellFormed().endsWith(tail)).toBe(true);
      expect(result.cutBytes).toBe(Number(marker?.[1]));
      expect(bytesOf(head) + bytesOf(tail) + result.cutBytes).toBe(bytesOf(text));
    }),
  );
});

test("head and tail get about the same room", () => {
  const { text } = truncate("a".repeat(5_000) + "b".repeat(5_000), 1_000);
  const [head = "", tail = ""] = text.split(MARKER.exec(text)?.[0] ?? "");
  expect(head.length - tail.length).toBeWithin(0, 2);
});
