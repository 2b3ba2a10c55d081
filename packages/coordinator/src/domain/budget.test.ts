import { describe, expect, test } from "bun:test";
import type { BudgetUse } from "@farhand/protocol";
import { newlyNear, partUsed, reached } from "./budget.ts";

const use = (usd: number, tokens: number, limit: Partial<BudgetUse["limit"]>): BudgetUse => ({
  scope: "task",
  limit: { maxUsd: null, maxTokens: null, ...limit },
  spent: { usd, tokens },
});

describe("a limit", () => {
  test("is used up by whichever of dollars and tokens comes first", () => {
    expect(partUsed(use(1, 900, { maxUsd: 10, maxTokens: 1000 }))).toBe(0.9);
    expect(partUsed(use(9.5, 10, { maxUsd: 10, maxTokens: 1000 }))).toBe(0.95);
    expect(partUsed(use(1000, 1e9, {}))).toBe(0);
  });

  test("of nothing is used up before anything is spent", () => {
    expect(partUsed(use(0, 0, { maxUsd: 0 }))).toBe(1);
  });

  test("is reached when all of it is spent, and the first of several is told", () => {
    const near = use(4.99, 0, { maxUsd: 5 });
    const full = { ...use(5, 0, { maxUsd: 5 }), scope: "day" as const };
    expect(reached([near])).toBeNull();
    expect(reached([near, full])).toBe(full);
  });

  test("is near once, at the call that brings it there", () => {
    const limit = { maxUsd: 10 };
    expect(newlyNear([use(7, 0, limit)], { usd: 0.5, tokens: 1 })).toEqual([]);
    expect(newlyNear([use(7.5, 0, limit)], { usd: 0.5, tokens: 1 })).toEqual([use(8, 1, limit)]);
    expect(newlyNear([use(8, 0, limit)], { usd: 1, tokens: 1 })).toEqual([]);
    expect(newlyNear([use(0, 0, limit)], { usd: 99, tokens: 1 })).toHaveLength(1);
  });
});
