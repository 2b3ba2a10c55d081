import { describe, expect, test } from "bun:test";
import type { EventBody } from "@farhand/protocol";
import { logOf, PROMPT_ID, turnStarted } from "./good-log.fixture.ts";
import { keptCommits } from "./kept-work.ts";

const pushed = (commit: string | null): EventBody => ({
  type: "branch.pushed",
  branch: "farhand/do-it",
  commit,
});
const saved = (turn: number, commit: string, isFinal = true): EventBody => ({
  type: "checkpoint.saved",
  turn,
  commit,
  isFinal,
});
const kept = (...bodies: EventBody[]) => keptCommits(logOf(bodies));

describe("the commits that hold for a task's work", () => {
  test("are those of the branch and of each turn's end, in their order", () => {
    expect(
      kept(
        turnStarted(1, PROMPT_ID, "One."),
        saved(1, "live", false),
        pushed("a"),
        saved(1, "b"),
        turnStarted(2, "m_2", "Two."),
        pushed(null),
        pushed("a"),
        saved(2, "c"),
      ),
    ).toEqual(["a", "b", "a", "c"]);
  });

  test("are without those of a run that was retried", () => {
    expect(
      kept(
        turnStarted(1, PROMPT_ID, "One."),
        pushed("a"),
        turnStarted(2, "m_2", "Two."),
        pushed("lost"),
        saved(2, "lost too"),
        turnStarted(2, "m_2", "Two.", true),
        saved(2, "b"),
      ),
    ).toEqual(["a", "b"]);
  });
});
