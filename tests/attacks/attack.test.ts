import { describe, expect, test } from "bun:test";
import type { Arena } from "./arena.ts";
import { type Attack, isPassed, playAttack } from "./attack.ts";
import { table, totals, verdictLine } from "./report.ts";

const arena = {} as Arena;
const yes = async () => ({ succeeded: true, evidence: "the key: sk-1" });
const no = async () => ({ succeeded: false, evidence: "nothing came" });
const broken = async () => {
  throw new Error("no container");
};
const attack = (runs: Partial<Attack>): Attack => ({
  area: "secrets",
  name: "a look around",
  by: "no secret in there",
  try: no,
  control: yes,
  ...runs,
});

describe("an attack", () => {
  test("that was stopped, and works where the wall is away, has passed", async () => {
    const verdict = await playAttack(attack({}), arena);
    expect(isPassed(verdict)).toBe(true);
    expect(verdictLine(1, verdict)).toStartWith(
      "1 secrets: a look around … stopped by no secret in there 0.0 s",
    );
  });

  test.each([
    [
      "that succeeded is reported as failed, with what it got",
      { try: yes },
      "[tried: SUCCEEDED: the key: sk-1]",
    ],
    ["whose control does not work proves nothing", { control: no }, "[control: does not work: nothing came]"],
    ["that could not be tried has failed", { try: broken }, "[tried: could not be made: no container]"],
    ["without a control has failed", { control: broken }, "[control: could not be made: no container]"],
  ])("%s", async (_name, runs, words) => {
    const verdict = await playAttack(attack(runs), arena);
    expect(isPassed(verdict)).toBe(false);
    expect(verdictLine(1, verdict)).toContain(`FAILED: ${words}`);
    expect(totals([verdict])).toBe("0 passed, 1 failed");
  });

  test("that hangs has failed", async () => {
    const verdict = await playAttack(attack({ try: () => new Promise(() => undefined) }), arena, 20);
    expect(isPassed(verdict)).toBe(false);
    expect(verdict.tried).toEqual({ error: "it had not ended after 0.02 s" });
  });
});

test("the table says of each attack what was tried, whether it was stopped, by what, and its control", async () => {
  const verdicts = [
    await playAttack(attack({}), arena),
    await playAttack(attack({ name: "another", try: yes, control: no }), arena),
    await playAttack(attack({ name: "a third", try: broken, control: broken }), arena),
  ];
  expect(table(verdicts).split("\n")).toEqual([
    "attack                 | tried | stopped | by what            | control",
    "secrets: a look around | yes   | yes     | no secret in there | works",
    "secrets: another       | yes   | NO      | no secret in there | DOES NOT WORK",
    "secrets: a third       | no    | NO      | no secret in there | ERROR",
  ]);
  expect(totals(verdicts)).toBe("1 passed, 2 failed");
});

test("what an attacker printed cannot reach the terminal as it is", async () => {
  const evil = async () => ({ succeeded: true, evidence: "\u001b]0;x\u0007 a\nb \u202e" });
  const line = verdictLine(1, await playAttack(attack({ try: evil }), arena));
  expect(line).toContain("\\u001b]0;x\\u0007 a b \\u202e");
  expect(line).toMatch(/^[\x20-\x7e…]*$/);
});
