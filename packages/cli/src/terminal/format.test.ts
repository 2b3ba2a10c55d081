import { expect, test } from "bun:test";
import { howToGoOn } from "./budget-text.ts";
import {
  formatAge,
  formatBudget,
  formatBytes,
  formatCount,
  formatDiffStat,
  formatDuration,
  formatUsd,
} from "./format.ts";

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

test("what an owner's cap holds back is said to be theirs to raise", () => {
  const use = {
    scope: "day" as const,
    limit: { maxUsd: 5, maxTokens: null },
    spent: { usd: 5.25, tokens: 100 },
  };
  expect(formatBudget(use)).toBe("$5.25 of $5.00 for today (UTC)");
  expect(formatBudget({ ...use, isCap: true })).toBe("$5.25 of $5.00 for today (UTC), capped by the owner");
  expect(howToGoOn("t_abcdef", { ...use, isCap: true })).toBe(
    "Only the server's owner can raise it. End the turn with farhand stop abcdef, or ask them.",
  );
  expect(howToGoOn("t_abcdef", use)).toContain("farhand budget --day --usd AMOUNT");
});

test("sums have as many places as they need to say something", () => {
  expect([0, 12.5, 0.1, 0.05, 0.0042, 0.00041, 0.00001, 0.0000123, 1e-9].map(formatUsd)).toEqual([
    "$0.00",
    "$12.50",
    "$0.10",
    "$0.0500",
    "$0.0042",
    "$0.00041",
    "$0.00001",
    "$0.000012",
    "$0.000000001",
  ]);
});

test("what to raise is what is used up", () => {
  const use = { scope: "task" as const, limit: { maxUsd: 1, maxTokens: 100 }, spent: { usd: 2, tokens: 50 } };
  expect(howToGoOn("t_abcdef", use)).toContain("farhand budget abcdef --usd AMOUNT,");
  expect(howToGoOn("t_abcdef", { ...use, spent: { usd: 0.5, tokens: 100 } })).toContain(
    "farhand budget abcdef --tokens NUMBER,",
  );
  expect(howToGoOn("t_abcdef", { ...use, spent: { usd: 1, tokens: 100 } })).toContain(
    "--usd AMOUNT --tokens NUMBER,",
  );
});

test("one file is not two files", () => {
  expect(formatDiffStat({ filesChanged: 1, insertions: 2, deletions: 0 })).toBe("1 file, +2 −0");
});

test("sizes and ages are in one unit", () => {
  expect([0, 1023, 1024, 1_048_576, 5 * 1024 ** 3].map(formatBytes)).toEqual([
    "0 B",
    "1023 B",
    "1.0 KiB",
    "1.0 MiB",
    "5.0 GiB",
  ]);
  expect([59_000, 60_000, 3_600_000, 47 * 3_600_000, 48 * 3_600_000].map(formatAge)).toEqual([
    "now",
    "1 min",
    "1 h",
    "47 h",
    "2 d",
  ]);
});
