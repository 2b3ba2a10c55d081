import { describe, expect, test } from "bun:test";
import { FAULTS, planOf } from "./plan.ts";
import { prng } from "./prng.ts";

const plans = Array.from({ length: 400 }, (_, seed) => planOf(seed));

describe("the random numbers", () => {
  test("are the same for the same seed, and others for another", () => {
    const draw = (seed: number) => {
      const random = prng(seed);
      return Array.from({ length: 5 }, () => random.next());
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  test("stay within their bounds and reach both", () => {
    const random = prng(1);
    const drawn = new Set(Array.from({ length: 500 }, () => random.int(3, 6)));
    expect([...drawn].sort()).toEqual([3, 4, 5, 6]);
  });
});

describe("a plan", () => {
  test("is the same for the same seed", () => {
    expect(planOf(1012)).toEqual(planOf(1012));
    expect(planOf(1012)).not.toEqual(planOf(1013));
  });

  test("has one to three faults, each once, and one to three tasks", () => {
    for (const { faults, tasks } of plans) {
      expect([1, 2, 3]).toContain(faults.length);
      expect(new Set(faults.map(({ kind }) => kind)).size).toBe(faults.length);
      expect([1, 2, 3]).toContain(tasks.length);
    }
  });

  test("begins with each fault in turn, so that rounds in a row meet all of them", () => {
    const first = plans.slice(0, FAULTS.length).map(({ faults }) => faults[0]?.kind);
    expect(new Set(first)).toEqual(new Set(FAULTS));
  });

  test("names every message of a task apart from the others", () => {
    for (const { tasks } of plans)
      for (const { prompt, steps } of tasks) {
        const texts = [prompt, ...steps.flatMap((step) => ("text" in step ? [step.text] : []))];
        expect(new Set(texts).size).toBe(texts.length);
      }
  });

  test("does everything that a person can do, in some seed", () => {
    const acts = plans.flatMap(({ tasks }) => tasks.flatMap(({ steps }) => steps.map(({ act }) => act)));
    expect([...new Set(acts)].sort()).toEqual(["cancel", "say", "say_and_edit", "say_and_withdraw", "stop"]);
  });
});
