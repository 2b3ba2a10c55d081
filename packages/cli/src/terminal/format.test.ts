import { expect, test } from "bun:test";
import { formatCount, formatDiffStat, formatDuration } from "./format.ts";

test("durations are as exact as they are of use", () => {
  expect([18.4, 999, 1240, 9949, 41_600, 185_000].map(formatDuration)).toEqual([
    "18 ms",
    "999 ms",
    "1.2 s",
    "9.9 s",
    "42 s",
    "3 min 05 s",
  ]);
});

test("large counts are shortened", () => {
  expect([0, 812, 4120, 99_960, 1_240_000].map(formatCount)).toEqual(["0", "812", "4.1k", "100k", "1.2M"]);
});

test("one file is not two files", () => {
  expect(formatDiffStat({ filesChanged: 1, insertions: 2, deletions: 0 })).toBe("1 file, +2 −0");
});
