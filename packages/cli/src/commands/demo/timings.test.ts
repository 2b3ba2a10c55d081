import { expect, test } from "bun:test";
import { cannedRun } from "../../../test/canned-run.ts";
import { TimingsRecorder } from "./timings.ts";

test("each milestone is counted from the task's creation, and the first of a kind counts", () => {
  const recorder = new TimingsRecorder();
  const tokenAtMs = Date.parse("2026-01-02T03:04:06.000Z");
  for (const item of cannedRun()) recorder.note(item, tokenAtMs);
  expect(recorder.timings).toEqual({
    repositoryReady: 201,
    workerReady: 261,
    cloned: 351,
    firstToken: 1000,
    firstToolCall: 955,
    branchPublished: 3190,
    pullRequestOpened: 3310,
    total: 3311,
  });
});

test("what never happened has no time", () => {
  const recorder = new TimingsRecorder();
  recorder.note(cannedRun()[2] ?? { type: "reset" }, 0);
  expect(recorder.timings).toEqual({});
});
