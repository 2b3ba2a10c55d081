import { expect, test } from "bun:test";
import { newTask, openStores, taskId } from "../../test/stores.ts";
import { createTopic } from "../domain/topic.ts";
import { createAssignments } from "./assignments.ts";
import { createWorkerCalls } from "./worker-calls.ts";

const claim = { taskId: taskId(1), attempt: 1 };

async function running() {
  const stores = await openStores();
  await stores.tasks.create(newTask(1));
  await stores.tasks.claim(taskId(1), { owner: "x", untilMs: 0 });
  const calls = createWorkerCalls({
    ...stores,
    deltas: createTopic(),
    repositories: { sizeBytes: async () => 0, taskPath: () => "/nonexistent" } as never,
    assignments: createAssignments(),
    repositoryMaxBytes: null,
    stopReporting: () => undefined,
    scrub: (text) => text,
    onError: (error) => {
      throw error;
    },
  });
  return { ...stores, calls };
}

test.each(["stop", "cancel"] as const)(
  "a model call goes on being paid for until a person asks to %s, and in the next turn again",
  async (how) => {
    const { calls, log, tasks } = await running();
    expect(await calls.wantsEnd(claim)).toBe(false);
    await log.append(taskId(1), 1, [{ type: "turn.stopping", how }]);
    expect(await calls.wantsEnd(claim)).toBe(true);
    const messageId = `m_${"1".repeat(26)}`;
    await tasks.change(taskId(1), () => [
      { type: "turn.started", turn: 2, messageId, text: "again", isRetry: false },
    ]);
    expect(await calls.wantsEnd(claim)).toBe(false);
  },
);

test.each(["cancelled", "archived"] as const)(
  "nothing goes on being paid for in a task that is %s",
  async (to) => {
    const { calls, log } = await running();
    await log.append(taskId(1), 1, [{ type: "state.changed", from: "running", to, failure: null }]);
    expect(await calls.wantsEnd(claim)).toBe(true);
  },
);
