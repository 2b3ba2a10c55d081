import { expect, test } from "bun:test";
import { createColors } from "picocolors";
import { summaryLines } from "./result.ts";

const plain = createColors(false);

test("the last line is the totals alone", () => {
  const outcomes = [
    { name: "Types", passed: 1, failed: 0, skipped: 0, durationMs: 1200 },
    { name: "Unit", passed: 240, failed: 2, skipped: 0, durationMs: 9000 },
  ];
  expect(summaryLines(outcomes, plain)).toEqual([
    "",
    "         passed  failed  skipped          time",
    "  Types       1       0        0         1.2 s",
    "  Unit      240       2        0         9.0 s",
    "",
    "241 passed, 2 failed",
  ]);
});

test("skipped tests are told of", () => {
  const outcome = { name: "Unit", passed: 3, failed: 0, skipped: 1, durationMs: 10 };
  expect(summaryLines([outcome], plain).slice(-2)).toEqual([
    "1 skipped, for the reasons above",
    "3 passed, 0 failed",
  ]);
});
