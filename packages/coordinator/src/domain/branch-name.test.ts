import { expect, test } from "bun:test";
import { BranchName } from "@farhand/protocol";
import fc from "fast-check";
import { branchName } from "./branch-name.ts";

const id = "t_01j9z3k4m5n6p7q8r9s0t1v2w3";

test("takes the first words of the prompt and the end of the id", () => {
  expect(branchName(id, "Fix the failing test, please!")).toBe(
    "farhand/fix-the-failing-test-please-s0t1v2w3".replace("s0t1v2w3", id.slice(-8)),
  );
});

test("does without words where the prompt has none in ASCII", () => {
  expect(branchName(id, "修复测试")).toBe(`farhand/${id.slice(-8)}`);
});

test("is a valid branch name for any prompt", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (prompt) => {
      expect(BranchName.safeParse(branchName(id, prompt)).success).toBe(true);
    }),
  );
});
