import { describe, expect, test } from "bun:test";
import { FarhandError } from "../domain/failure.ts";
import { chooseBaseBranch } from "./base-branch.ts";

const url = "https://example.org/o/n";
const branches = (...names: string[]) => new Map(names.map((name, index) => [name, `${index}`]));

function failureOf(work: () => unknown): FarhandError {
  try {
    work();
  } catch (error) {
    if (error instanceof FarhandError) return error;
  }
  throw new Error("it did not fail");
}

describe("the branch that a task starts from", () => {
  test.each([
    ["main", ["dev", "main"], "dev", "main"],
    [null, ["dev", "main"], "dev", "dev"],
    [null, ["dev", "main", "master"], null, "main"],
    [null, ["dev", "master"], "gone", "master"],
    [null, ["trunk"], null, "trunk"],
  ])("wanting %p of %j with the default %p is %s", (wanted, names, head, expected) => {
    expect(chooseBaseBranch(wanted, branches(...names), head, url).baseBranch).toBe(expected);
  });

  test("that is not there is told with at most ten that are", () => {
    const names = Array.from({ length: 12 }, (_, n) => `b${n}`);
    const { failure } = failureOf(() => chooseBaseBranch("main", branches(...names), "b0", url));
    expect(failure.code).toBe("branch_not_found");
    expect(failure.message).toContain('"main"');
    expect(failure.action).toContain("b0, b1, b2, b3, b4, b5, b6, b7, b8, b9 and 2 more");
  });

  test("cannot be guessed among several without a default", () => {
    const { failure } = failureOf(() => chooseBaseBranch(null, branches("a", "b"), null, url));
    expect([failure.code, failure.action]).toEqual(["branch_not_found", "Choose one of its branches: a, b."]);
  });

  test("must have a name that the protocol takes", () => {
    expect(failureOf(() => chooseBaseBranch(null, branches("feature+x"), "feature+x", url)).code).toBe(
      "branch_not_found",
    );
  });
});
