import { describe, expect, test } from "bun:test";
import { TaskState } from "@farhand/protocol";
import fc from "fast-check";
import { hasSandbox, isActive, nextState, TASK_TRIGGERS, type TaskTrigger } from "./task-state.ts";

const states = TaskState.options;
/** The states that a new task goes through while these things happen to it. */
function walk(triggers: TaskTrigger[]): TaskState[] {
  const path: TaskState[] = ["queued"];
  for (const trigger of triggers) {
    const next = nextState(path.at(-1) ?? "queued", trigger);
    if (next) path.push(next);
  }
  return path;
}

describe("the task's state machine", () => {
  test("takes the ordinary way from queued to idle and archived", () => {
    expect(walk(["claimed", "worker_ready", "asked", "answered", "turn_finished", "archived"])).toEqual([
      "queued",
      "starting",
      "running",
      "waiting",
      "running",
      "idle",
      "archived",
    ]);
  });

  test("never leaves archived and never comes back to queued by any triggers", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...TASK_TRIGGERS), { maxLength: 40 }), (triggers) => {
        const path = walk(triggers);
        expect(path.slice(1)).not.toContain("queued");
        const end = path.indexOf("archived");
        if (end >= 0) expect(end).toBe(path.length - 1);
      }),
    );
  });

  test("reaches running only through starting, and idle only from running", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...TASK_TRIGGERS), { maxLength: 40 }), (triggers) => {
        const path = walk(triggers);
        path.forEach((state, index) => {
          if (state === "idle") expect(path[index - 1]).toBe("running");
          if (state === "running") expect(["starting", "waiting"]).toContain(path[index - 1] ?? "");
        });
      }),
    );
  });

  test("lets every active state fail, and be cancelled in one way, and no other", () => {
    for (const state of states) {
      expect(nextState(state, "failed") !== null).toBe(isActive(state));
      const ways = [nextState(state, "cancelled"), nextState(state, "withdrawn")].filter(Boolean);
      expect(ways.length).toBe(isActive(state) ? 1 : 0);
    }
  });

  test("has a sandbox only in active states", () => {
    for (const state of states) if (hasSandbox(state)) expect(isActive(state)).toBe(true);
  });

  test("every state is reachable", () => {
    const seen = new Set<TaskState>(["queued"]);
    for (let round = 0; round < states.length; round++)
      for (const state of [...seen])
        for (const trigger of TASK_TRIGGERS) {
          const next = nextState(state, trigger);
          if (next) seen.add(next);
        }
    expect([...seen].sort()).toEqual([...states].sort());
  });
});
