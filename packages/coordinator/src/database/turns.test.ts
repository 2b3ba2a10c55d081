import { describe, expect, test } from "bun:test";
import type { NumberedWorkerEvent, WorkerEvent } from "@farhand/protocol";
import fc from "fast-check";
import { messageId, newTask, OWNER, openStores, taskId } from "../../test/stores.ts";
import { assemble } from "../domain/conversation.ts";
import { edit, reorder, send, withdraw } from "../domain/message-decisions.ts";
import { archive, endEarly, forkFrom, retry, rollBack } from "../domain/turn-decisions.ts";
import { endTurn, MOST_LOSSES, type TurnEnd } from "../domain/turn-end.ts";

const lease = { owner: "a", untilMs: 1 };
const commit = (letter: string) => letter.repeat(40);

/** A task at work, with what happens to it in short words. */
async function openTask() {
  const stores = await openStores();
  const id = taskId(1);
  await stores.tasks.create(newTask(1));
  await stores.tasks.setBaseCommit(id, commit("0"));
  let n = 0;
  let answers = 0;
  const report = async (...events: WorkerEvent[]) => {
    const at = "2026-01-01T00:00:01.000Z";
    const numbered: NumberedWorkerEvent[] = events.map((event) => ({ n: ++n, at, event }));
    const { attempt } = await task();
    expect((await stores.log.appendFromWorker(id, attempt, numbered)).status).toBe("ok");
  };
  const task = async () => {
    const found = await stores.tasks.get(id);
    if (!found) throw new Error("the task is gone");
    return found;
  };
  return {
    ...stores,
    id,
    report,
    task,
    async begin() {
      n = 0;
      await stores.tasks.claim(id, lease);
      await report({ type: "worker.ready", version: "1", startMs: 1 });
    },
    say: (text: string) =>
      report({
        type: "assistant.message",
        messageId: `msg_${++answers}`,
        model: "m",
        content: [{ type: "text", text }],
        stopReason: "end_turn",
      }),
    call: (toolUseId: string) =>
      report({
        type: "assistant.message",
        messageId: `msg_${++answers}`,
        model: "m",
        content: [{ type: "tool_use", id: toolUseId, name: "bash", input: {} }],
        stopReason: "tool_use",
      }),
    checkpoint: async (letter: string) =>
      report({
        type: "checkpoint.saved",
        turn: (await task()).turn,
        commit: commit(letter),
        isFinal: true,
      }),
    finish: () => report({ type: "turn.finished", title: "t", summary: "s" }),
    end: (end: TurnEnd) => stores.tasks.change(id, (facts) => endTurn(facts, end)),
    send: (number: number, text: string) =>
      stores.tasks.change(id, (facts) => send(facts, { messageId: messageId(number), text })),
    talk: async () =>
      assemble(await stores.log.conversation(id)).map(
        ({ role, content }) => `${role}: ${content.map((block) => block.text ?? block.type).join(", ")}`,
      ),
    types: async () => (await stores.log.read(id, 0, 1000)).events.map(({ body }) => body.type),
    waiting: async () => (await stores.messages.waiting(id)).map(({ text }) => text),
  };
}

const lost: TurnEnd = {
  kind: "lost",
  failure: { code: "worker_died", message: "It died.", action: "Again.", retryable: true },
};
const failed: TurnEnd = { ...lost, kind: "failed" };

describe("a message to a task", () => {
  test("that is idle opens the next turn, in the same conversation", async () => {
    await using task = await openTask();
    await task.begin();
    await task.say("done");
    await task.finish();
    await task.end({ kind: "finished" });
    const next = await task.send(7, "and now this");
    expect(next).toMatchObject({ state: "queued", turn: 2, losses: 0 });
    expect(await task.talk()).toEqual(["user: prompt 1", "assistant: done", "user: and now this"]);
  });

  test("that is at work waits, is delivered once, and comes again to a worker that lost the answer", async () => {
    await using task = await openTask();
    await task.begin();
    await task.send(7, "faster");
    expect(await task.waiting()).toEqual(["faster"]);
    const first = await task.messages.take(task.id, 1, 0);
    expect(first).toEqual([{ n: 1, messageId: messageId(7), text: "faster" }]);
    expect(await task.messages.take(task.id, 1, 0)).toEqual(first);
    expect(await task.messages.take(task.id, 1, 1)).toEqual([]);
    expect((await task.types()).filter((type) => type === "user.message")).toHaveLength(1);
    expect(await task.messages.lastDelivered(task.id)).toBe(1);
  });

  test("is not delivered to a worker that has been replaced", async () => {
    await using task = await openTask();
    await task.begin();
    await task.send(7, "faster");
    await task.attempts.end(task.id, 1, null);
    expect(await task.messages.take(task.id, 1, 0)).toBeNull();
    expect(await task.waiting()).toEqual(["faster"]);
  });

  test("sent again under the same id is the same message", async () => {
    await using task = await openTask();
    await task.begin();
    await task.send(7, "faster");
    await task.send(7, "faster");
    expect(await task.waiting()).toEqual(["faster"]);
  });

  test("can be edited, reordered and withdrawn while it waits, and not after", async () => {
    await using task = await openTask();
    await task.begin();
    for (const [number, text] of ["one", "two", "three"].entries()) await task.send(10 + number, text);
    await task.tasks.change(task.id, (facts) => edit(facts, messageId(11), "zwei"));
    await task.tasks.change(task.id, (facts) => withdraw(facts, messageId(10)));
    await task.tasks.change(task.id, (facts) => reorder(facts, [messageId(12), messageId(11)]));
    expect(await task.waiting()).toEqual(["three", "zwei"]);
    const stale = task.tasks.change(task.id, (facts) => reorder(facts, [messageId(10), messageId(11)]));
    await expect(stale).rejects.toThrow(/not the messages that wait/);
    await task.messages.take(task.id, 1, 0);
    const late = task.tasks.change(task.id, (facts) => edit(facts, messageId(11), "x"));
    await expect(late).rejects.toThrow(/was delivered already/);
    const unknown = task.tasks.change(task.id, (facts) => withdraw(facts, messageId(99)));
    await expect(unknown).rejects.toMatchObject({ failure: { code: "not_found" } });
  });

  test("that came too late for a finished turn opens the next one by itself", async () => {
    await using task = await openTask();
    await task.begin();
    await task.say("done");
    await task.send(7, "one more thing");
    await task.finish();
    expect(await task.end({ kind: "finished" })).toMatchObject({ state: "queued", turn: 2 });
    expect(await task.waiting()).toEqual([]);
    expect(await task.talk()).toEqual(["user: prompt 1", "assistant: done", "user: one more thing"]);
  });

  test("that waits when a turn fails stays, and goes first when the next one opens", async () => {
    await using task = await openTask();
    await task.begin();
    await task.send(7, "first");
    await task.end(failed);
    expect(await task.waiting()).toEqual(["first"]);
    await task.send(8, "second");
    expect(await task.task()).toMatchObject({ state: "queued", turn: 2 });
    expect((await task.tasks.turns(task.id)).at(-1)?.text).toBe("first");
    expect(await task.waiting()).toEqual(["second"]);
  });

  test("is refused by an archived task", async () => {
    await using task = await openTask();
    await task.begin();
    await task.end({ kind: "cancelled" });
    await task.tasks.change(task.id, archive);
    await expect(task.send(7, "hello?")).rejects.toThrow(/archived/);
  });
});

describe("the end of a turn", () => {
  test("gives every tool call a result, and says last what the task is", async () => {
    await using task = await openTask();
    await task.begin();
    await task.call("toolu_1");
    await task.end({ kind: "stopped" });
    expect(await task.talk()).toEqual(["user: prompt 1", "assistant: tool_use", "user: tool_result"]);
    expect((await task.types()).at(-1)).toBe("state.changed");
    expect((await task.task()).state).toBe("idle");
  });

  test("of a lost sandbox brings the task back to the queue, until it was lost too often", async () => {
    await using task = await openTask();
    for (let loss = 1; loss <= MOST_LOSSES; loss++) {
      await task.begin();
      expect(await task.end(lost)).toMatchObject({ state: "queued", losses: loss, failure: null });
    }
    await task.begin();
    expect(await task.end(lost)).toMatchObject({ state: "failed", failure: { code: "worker_died" } });
  });

  test("by a coordinator that stops is no loss", async () => {
    await using task = await openTask();
    await task.begin();
    expect(await task.end({ kind: "interrupted" })).toMatchObject({ state: "queued", losses: 0 });
  });

  test("that was asked for comes also when the sandbox and the coordinator are lost before it", async () => {
    for (const [how, state] of [
      ["stop", "idle"],
      ["cancel", "cancelled"],
    ] as const) {
      await using task = await openTask();
      await task.begin();
      await task.tasks.change(task.id, (facts) => endEarly(facts, how));
      const before = (await task.task()).lastSeq;
      await task.tasks.change(task.id, (facts) => endEarly(facts, how));
      expect((await task.task()).lastSeq).toBe(before);
      expect((await task.end(lost)).state).toBe(state);
    }
  });

  test("is cancelled when that was asked for, though the agent has finished meanwhile", async () => {
    await using task = await openTask();
    await task.begin();
    await task.tasks.change(task.id, (facts) => endEarly(facts, "cancel"));
    await task.finish();
    expect((await task.end({ kind: "finished" })).state).toBe("cancelled");
  });

  test("says what waits when it failed", async () => {
    await using task = await openTask();
    await task.begin();
    await task.send(7, "faster");
    await task.end(failed);
    const { events } = await task.log.read(task.id, 0, 100);
    expect(events.map(({ body }) => body)).toContainEqual(
      expect.objectContaining({ type: "notice", code: "messages_wait" }),
    );
  });

  test("happens once: said again it changes nothing", async () => {
    await using task = await openTask();
    await task.begin();
    await task.end(failed);
    const before = (await task.task()).lastSeq;
    expect((await task.end({ kind: "finished" })).lastSeq).toBe(before);
  });
});

describe("a retry", () => {
  test("begins the turn again: files of its start, conversation of its start, messages waiting again", async () => {
    await using task = await openTask();
    await task.begin();
    await task.say("one");
    await task.checkpoint("a");
    await task.finish();
    await task.end({ kind: "finished" });
    await task.send(7, "second turn");
    await task.begin();
    await task.send(8, "steer");
    await task.messages.take(task.id, 2, 0);
    await task.call("toolu_1");
    await task.checkpoint("b");
    await task.end(failed);
    const again = await task.tasks.change(task.id, retry);
    expect(again).toMatchObject({ state: "queued", turn: 2, revision: commit("a") });
    expect(await task.talk()).toEqual(["user: prompt 1", "assistant: one", "user: second turn"]);
    expect(await task.waiting()).toEqual(["steer"]);
  });

  test("of a turn that only could not be published keeps all of it", async () => {
    await using task = await openTask();
    await task.begin();
    await task.say("one");
    await task.finish();
    await task.end(failed);
    await task.tasks.change(task.id, retry);
    expect((await task.tasks.turns(task.id)).at(-1)?.isFinished).toBe(true);
    expect(await task.talk()).toEqual(["user: prompt 1", "assistant: one"]);
  });

  test("of the first turn begins with the base's own files, whatever a failed run has pushed", async () => {
    await using task = await openTask();
    await task.begin();
    await task.checkpoint("a");
    await task.end(failed);
    expect(await task.tasks.change(task.id, retry)).toMatchObject({ turn: 1, revision: commit("0") });
  });

  test("is refused for a turn that was rolled back", async () => {
    await using task = await openTask();
    await task.begin();
    await task.end(failed);
    await task.tasks.change(task.id, (facts) => rollBack(facts, 0));
    await expect(task.tasks.change(task.id, retry)).rejects.toThrow(/rolled back/);
  });

  test("is refused while nothing has failed", async () => {
    await using task = await openTask();
    await expect(task.tasks.change(task.id, retry)).rejects.toThrow(/only a failed turn/);
  });
});

describe("a roll-back", () => {
  async function threeTurns() {
    const task = await openTask();
    for (const [index, letter] of ["a", "b", "c"].entries()) {
      if (index > 0) await task.send(20 + index, `turn ${index + 1}`);
      await task.begin();
      await task.say(`answer ${index + 1}`);
      await task.checkpoint(letter);
      await task.finish();
      await task.end({ kind: "finished" });
    }
    return task;
  }

  test("takes code and conversation back, and later turns out of reach", async () => {
    await using task = await threeTurns();
    const back = await task.tasks.change(task.id, (facts) => rollBack(facts, 1));
    expect(back).toMatchObject({ state: "idle", revision: commit("a"), turn: 3 });
    expect(await task.talk()).toEqual(["user: prompt 1", "assistant: answer 1"]);
    const gone = task.tasks.change(task.id, (facts) => rollBack(facts, 2));
    await expect(gone).rejects.toThrow(/no turn 2/);
    expect(forkFrom(await task.tasks.facts(task.id), null, []).turn).toBe(1);
    expect(await task.send(30, "another way")).toMatchObject({ turn: 4, state: "queued" });
  });

  test("to 0 is the start of the task", async () => {
    await using task = await threeTurns();
    const back = await task.tasks.change(task.id, (facts) => rollBack(facts, 0));
    expect(back.revision).toBe(commit("0"));
    expect(await task.talk()).toEqual([]);
  });

  test("is refused while a turn goes on", async () => {
    await using task = await threeTurns();
    await task.send(30, "on");
    const refused = task.tasks.change(task.id, (facts) => rollBack(facts, 1));
    await expect(refused).rejects.toMatchObject({ failure: { code: "conflict" } });
  });

  test("leaves a fork of a later turn possible before it, with the conversation of that turn and no thoughts", async () => {
    await using task = await threeTurns();
    const lines = await task.log.conversation(task.id);
    const from = forkFrom(await task.tasks.facts(task.id), 2, [
      ...lines,
      { turn: 2, role: "assistant", content: [{ type: "thinking", thinking: "hm", signature: "x" }] },
    ]);
    expect(from).toMatchObject({ turn: 2, commit: commit("b") });
    await task.tasks.create(
      newTask(2, {
        fork: {
          from: { taskId: task.id, turn: 2 },
          baseCommit: commit("0"),
          revision: from.commit,
          lines: from.lines,
        },
      }),
    );
    expect(await task.tasks.get(taskId(2))).toMatchObject({
      forkedFrom: { taskId: task.id, turn: 2 },
      revision: commit("b"),
    });
    const talk = assemble(await task.log.conversation(taskId(2)));
    expect(talk.at(-1)?.content.at(-1)?.text).toBe("prompt 2");
    expect(talk).toHaveLength(5);
  });
});

test("a sandbox that rested takes its own task up again, once, and no other attempt's", async () => {
  await using task = await openTask();
  await task.begin();
  await task.finish();
  await task.end({ kind: "finished" });
  expect(await task.tasks.resume(task.id, 1, lease)).toBe(false);
  await task.send(7, "on");
  expect(await task.tasks.resume(task.id, 2, lease)).toBe(false);
  const both = await Promise.all([
    task.tasks.resume(task.id, 1, lease),
    task.tasks.resume(task.id, 1, lease),
  ]);
  expect(both.sort()).toEqual([false, true]);
  expect(await task.task()).toMatchObject({ state: "running", attempt: 1, turn: 2 });
});

test("a task asked for again under the same request key is the same task", async () => {
  await using stores = await openStores();
  const first = await stores.tasks.create(newTask(1, { requestKey: "key" }));
  const again = await stores.tasks.create(newTask(2, { requestKey: "key" }));
  expect(again.id).toBe(first.id);
  expect(
    (await stores.tasks.list({ userId: OWNER.id, state: null, cursor: null, limit: 9 })).tasks,
  ).toHaveLength(1);
});

test("whatever happens, the log has no gap, states follow their arrows, and no message is lost or doubled", async () => {
  const step = fc.constantFrom(
    "send",
    "claim",
    "call",
    "take",
    "finish",
    "stop",
    "fail",
    "lose",
    "retry",
    "roll back",
    "withdraw",
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      await using task = await openTask();
      let sent = 0;
      let calls = 0;
      const quietly = (work: Promise<unknown>) =>
        work.catch((error) => {
          if (!(error instanceof Error && error.name === "FarhandError")) throw error;
        });
      const isAtWork = async () => (await task.task()).state === "running";
      for (const what of steps) {
        if (what === "send") await quietly(task.send(100 + ++sent, `message ${sent}`));
        if (what === "claim" && (await task.task()).state === "queued") await task.begin();
        if (what === "call" && (await isAtWork())) await task.call(`toolu_${++calls}`);
        if (what === "take" && (await isAtWork()))
          await task.messages.take(task.id, (await task.task()).attempt, 0);
        if (what === "finish" && (await isAtWork())) await task.end({ kind: "finished" });
        if (what === "stop") await task.end({ kind: "stopped" });
        if (what === "fail" && (await isAtWork())) await task.end(failed);
        if (what === "lose") await task.end(lost);
        if (what === "retry") await quietly(task.tasks.change(task.id, retry));
        if (what === "roll back") await quietly(task.tasks.change(task.id, (facts) => rollBack(facts, 0)));
        if (what === "withdraw")
          await quietly(task.tasks.change(task.id, (facts) => withdraw(facts, messageId(100 + sent))));
      }
      const { events } = await task.log.read(task.id, 0, 1000);
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
      let state = "queued";
      for (const { body } of events)
        if (body.type === "state.changed") {
          expect(body.from).toBe(state as typeof body.from);
          state = body.to;
        }
      expect((await task.task()).state).toBe(state as never);
      const { messages } = await task.tasks.facts(task.id);
      const ids = messages.map((message) => message.messageId);
      expect(new Set(ids).size).toBe(ids.length);
      expect(messages.length).toBe(sent + 1);
    }),
    { numRuns: 60 },
  );
});
