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

  test("goes on from idle, failed and cancelled, and from archived never", () => {
    for (const state of states) {
      const goesOn = ["idle", "failed", "cancelled"].includes(state);
      expect([state, nextState(state, "continued")]).toEqual([state, goesOn ? "queued" : null]);
    }
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...TASK_TRIGGERS), { maxLength: 40 }), (triggers) => {
        const path = walk(triggers);
        const end = path.indexOf("archived");
        if (end >= 0) expect(end).toBe(path.length - 1);
      }),
    );
  });

  test("reaches running only from starting, from waiting, or from the queue by a sandbox that rested", () => {
    const before = states.filter((state) => TASK_TRIGGERS.some((it) => nextState(state, it) === "running"));
    expect(before.sort()).toEqual(["queued", "starting", "waiting"]);
    expect(nextState("queued", "resumed")).toBe("running");
  });

  test("comes back to the queue when a sandbox is lost, and from nowhere else while a turn goes on", () => {
    for (const state of states.filter(isActive))
      for (const trigger of TASK_TRIGGERS)
        if (nextState(state, trigger) === "queued")
          expect([trigger, hasSandbox(state)]).toEqual(["lost", true]);
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
