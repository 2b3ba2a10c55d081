import { expect, test } from "bun:test";
import { createColors } from "picocolors";
import { failureLines, summaryLines } from "./result.ts";

const plain = createColors(false);

test("the last line is the totals alone", () => {
  const outcomes = [
    { name: "Types", passed: 1, failed: 0, skipped: 0, durationMs: 1200, failures: [] },
    { name: "Unit", passed: 240, failed: 2, skipped: 0, durationMs: 9000, failures: [] },
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
  const outcome = { name: "Unit", passed: 3, failed: 0, skipped: 1, durationMs: 10, failures: [] };
  expect(summaryLines([outcome], plain).slice(-2)).toEqual([
    "1 skipped, for the reasons above",
    "3 passed, 0 failed",
  ]);
});

test("what failed is said once more, without what could move the cursor, and not hundreds of times", () => {
  const failures = Array.from({ length: 12 }, (_, at) => ({
    name: `a.test.ts: ${at}\x1b[2J`,
    lines: ["error: no"],
  }));
  const outcome = { name: "Unit", passed: 3, failed: 12, skipped: 0, durationMs: 10, failures };
  const lines = failureLines([outcome], plain);
  expect(lines.slice(0, 4)).toEqual([
    "",
    "  What failed:",
    expect.stringContaining("Unit: a.test.ts: 0"),
    "      error: no",
  ]);
  expect(lines.join("")).not.toContain("\x1b");
  expect(lines.at(-1)).toBe("  … and 2 more, further up");
  expect(failureLines([{ ...outcome, failures: [] }], plain)).toEqual([]);
});
