import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createTokenBuckets } from "./token-bucket.ts";

describe("token buckets", () => {
  test("give a burst, and then as much as flows in, and say how long to wait", () => {
    let nowMs = 0;
    const buckets = createTokenBuckets({ burst: 3, perSecond: 0.5 }, { now: () => nowMs });
    expect([1, 2, 3].map(() => buckets.take("a"))).toEqual([0, 0, 0]);
    expect(buckets.take("a")).toBe(2);
    expect(buckets.take("b")).toBe(0);
    nowMs += 1000;
    expect(buckets.take("a")).toBe(1);
    nowMs += 1000;
    expect([buckets.take("a"), buckets.take("a")]).toEqual([0, 2]);
  });

  test("do not let those who go on asking wait longer", () => {
    let nowMs = 0;
    const buckets = createTokenBuckets({ burst: 1, perSecond: 1 }, { now: () => nowMs });
    buckets.take("a");
    for (let asked = 0; asked < 9; asked += 1) {
      nowMs += 100;
      expect(buckets.take("a")).toBeGreaterThan(0);
    }
    nowMs += 101;
    expect(buckets.take("a")).toBe(0);
  });

  test("never give more than the burst and what flowed in", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 200 }), (pauses) => {
        let nowMs = 0;
        const buckets = createTokenBuckets({ burst: 5, perSecond: 2 }, { now: () => nowMs });
        let given = 0;
        for (const pause of pauses) {
          nowMs += pause;
          if (buckets.take("a") === 0) given += 1;
        }
        expect(given).toBeLessThanOrEqual(5 + (nowMs / 1000) * 2 + 1e-6);
      }),
    );
  });

  test("take no more memory than for so many keys, and forget the one unused the longest", () => {
    const buckets = createTokenBuckets({ burst: 1, perSecond: 0.001 }, { maxKeys: 100 });
    buckets.take("kept");
    for (let number = 0; number < 10_000; number += 1) {
      buckets.take(`address-${number}`);
      buckets.take("kept");
    }
    expect(buckets.size).toBe(100);
    expect(buckets.take("kept")).toBeGreaterThan(0);
  });
});
