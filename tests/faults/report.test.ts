import { expect, test } from "bun:test";
import { planOf } from "./plan.ts";
import { matrix, roundLine } from "./report.ts";
import type { RoundResult } from "./round.ts";

const result = (change: Partial<RoundResult>): RoundResult => ({
  plan: { ...planOf(1012), faults: planOf(1012).faults.slice(0, 1) },
  struck: ["coordinator_killed", "model_overloaded"],
  violations: [],
  facts: [],
  log: "",
  elapsedMs: 4123,
  ...change,
});
const failing = result({
  violations: [
    { invariant: "I3", message: "lost" },
    { invariant: "I1", message: "hole" },
  ],
});

test("a round is one line that tells seed, faults, verdict and time", () => {
  const plan = { ...planOf(1012), faults: [] };
  expect(roundLine(12, result({ plan }))).toBe(
    "round 12 seed 1012: coordinator killed, model overloaded … ok 4.1 s",
  );
  expect(roundLine(3, { ...failing, plan })).toContain("FAILED I1 I3");
});

test("a fault that had nothing to strike is told apart", () => {
  const [fault] = planOf(0).faults;
  if (fault === undefined) throw new Error("the plan has no fault");
  const plan = { ...planOf(0), faults: [{ ...fault, kind: "worker_killed" as const }] };
  expect(roundLine(1, result({ plan, struck: [] }))).toContain("(worker killed: nothing to strike)");
});

test("the table counts the rounds in which each fault struck, and their failures by invariant", () => {
  const table = matrix([result({}), failing]);
  const row = table.split("\n").find((line) => line.startsWith("coordinator killed"));
  expect(row?.split(/\s+/).slice(2)).toEqual(["2/0", "2/1", "2/0", "2/1", "2/0", "2/0", "2/0", "2/0"]);
  expect(table).toMatch(/^disk full +0\/0/m);
});
