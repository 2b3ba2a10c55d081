import { expect, test } from "bun:test";
import fc from "fast-check";
import { backoffMs, DEFAULT_BACKOFF } from "./backoff.ts";

test("the wait doubles with each failure until the cap", () => {
  const waits = [0, 1, 2, 3, 10, 2000].map((failures) => backoffMs(failures, DEFAULT_BACKOFF, 0.5));
  expect(waits).toEqual([187.5, 375, 750, 1500, 7500, 7500]);
});

test("the wait is never under half of the ceiling nor over the cap", () => {
  fc.assert(
    fc.property(
      fc.nat(5000),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (failures, random) => {
        const wait = backoffMs(failures, DEFAULT_BACKOFF, random);
        expect(wait).toBeGreaterThanOrEqual(DEFAULT_BACKOFF.firstDelayMs / 2);
        expect(wait).toBeLessThanOrEqual(DEFAULT_BACKOFF.maxDelayMs);
      },
    ),
  );
});
