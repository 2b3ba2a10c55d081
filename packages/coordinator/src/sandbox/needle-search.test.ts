import { expect, test } from "bun:test";
import fc from "fast-check";
import { createNeedleSearch } from "./needle-search.ts";

const word = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 2, maxLength: 6 });

test("finds what is there and nothing else, in whatever pieces the text comes", () => {
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 1, maxLength: 4 }),
      fc.array(fc.string({ unit: fc.constantFrom("a", "b", "c", "\n", "\r"), maxLength: 8 }), {
        maxLength: 8,
      }),
      (needles, pieces) => {
        const text = pieces.join("").replace(/[\r\n]/g, "");
        const stream = createNeedleSearch(needles)();
        const found = pieces.map((piece) => stream.push(Buffer.from(piece))).includes(true);
        expect(found).toBe(needles.some((needle) => text.includes(needle)));
      },
    ),
    { numRuns: 3000 },
  );
});

test("a hundred megabytes in pieces are searched for hundreds of needles", () => {
  const needles = Array.from({ length: 400 }, (_, n) => `${n}-needle-${Bun.hash(String(n)).toString(36)}`);
  const stream = createNeedleSearch(needles)();
  const piece = Buffer.alloc(1024 ** 2, "no such thing in here, not a single one of them ");
  let isFound = false;
  for (let n = 0; n < 100; n += 1) isFound ||= stream.push(piece);
  expect(isFound).toBe(false);
  expect(stream.push(Buffer.from(`${needles[399]}`))).toBe(true);
});

test("needs needles of two bytes at least", () => {
  expect(() => createNeedleSearch([])).toThrow("two bytes");
  expect(() => createNeedleSearch(["a"])).toThrow("two bytes");
});
