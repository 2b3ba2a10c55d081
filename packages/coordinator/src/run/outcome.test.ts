import { describe, expect, test } from "bun:test";
import type { Failure } from "@farhand/protocol";
import { decideOutcome } from "./outcome.ts";

const limits = { turnTimeoutMs: 60_000, taskTimeoutMs: 60_000, noProgressMs: 60_000 };
const nothing = { stopReason: null, ownFailure: null, report: null, exit: null, limits };
const finished = { type: "turn.finished", title: "t", summary: "s" } as const;
const refused: Failure = { code: "model_key_refused", message: "m", action: "a", retryable: false };
const failureOf = (facts: Partial<Parameters<typeof decideOutcome>[0]>) => {
  const outcome = decideOutcome({ ...nothing, ...facts });
  return outcome && "failure" in outcome ? outcome.failure : outcome?.kind;
};

describe("an attempt's outcome", () => {
  test("is finished when the worker said so, however its process ended", () => {
    expect(
      decideOutcome({ ...nothing, report: finished, exit: { exitCode: 1, outOfMemory: false, tail: "" } })
        ?.kind,
    ).toBe("finished");
    expect(decideOutcome({ ...nothing, report: finished, stopReason: "shutdown" })?.kind).toBe("finished");
  });

  test("is the failure that the worker reported", () => {
    expect(failureOf({ report: { type: "turn.failed", failure: refused } })).toBe(refused);
  });

  test("is the coordinator's own failure before the worker's, which follows from it", () => {
    const own: Failure = { code: "branch_not_found", message: "m", action: "a", retryable: false };
    expect(failureOf({ ownFailure: own, report: { type: "turn.failed", failure: refused } })).toBe(own);
  });

  test("is cancelled when the user asked, whatever else happened", () => {
    expect(failureOf({ stopReason: "cancelled", ownFailure: refused, report: finished })).toBe("cancelled");
  });

  test("says memory only when the worker itself was killed for it, not a child", () => {
    expect(failureOf({ exit: { exitCode: 137, outOfMemory: true, tail: "" } })).toMatchObject({
      code: "out_of_memory",
    });
    expect(failureOf({ exit: { exitCode: 1, outOfMemory: true, tail: "" } })).toMatchObject({
      code: "worker_died",
    });
  });

  test("gives the worker's last words when it died without a report", () => {
    expect(failureOf({ exit: { exitCode: 1, outOfMemory: false, tail: "no space left" } })).toMatchObject({
      code: "worker_died",
      message: expect.stringContaining("no space left"),
    });
    expect(failureOf({ exit: { exitCode: null, outOfMemory: false, tail: "" } })).toMatchObject({
      message: expect.stringContaining("sandbox is gone"),
    });
  });

  test("has a sentence and an action for every way of stopping", () => {
    for (const stopReason of [
      "turn_timeout",
      "task_timeout",
      "no_progress",
      "reported_too_much",
      "engine_away",
    ] as const) {
      const failure = failureOf({ stopReason });
      if (typeof failure !== "object") throw new Error(failure);
      expect(failure.message.endsWith(".") && failure.action.endsWith(".")).toBe(true);
    }
  });

  test("is interrupted, and no failure, when the coordinator stops", () => {
    expect(failureOf({ stopReason: "shutdown" })).toBe("interrupted");
  });

  test("is lost when the worker died by itself, and failed when it wanted more memory than there is", () => {
    const exit = { exitCode: 1, outOfMemory: false, tail: "" };
    expect(decideOutcome({ ...nothing, exit })?.kind).toBe("lost");
    expect(decideOutcome({ ...nothing, exit: { ...exit, exitCode: 137, outOfMemory: true } })?.kind).toBe(
      "failed",
    );
  });

  test("is stopped or cancelled when the worker says so, also under a coordinator that was not asked", () => {
    expect(failureOf({ report: { type: "turn.stopped" } })).toBe("stopped");
    expect(failureOf({ exit: { exitCode: 5, outOfMemory: false, tail: "" } })).toBe("cancelled");
  });
});
