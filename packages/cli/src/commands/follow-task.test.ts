import { expect, test } from "bun:test";
import { EventEmitter } from "node:events";
import { ApiError, type Client, createClient, type FollowItem } from "@farhand/client";
import type { EventBody } from "@farhand/protocol";
import { cannedRun, TASK_ID } from "../../test/canned-run.ts";
import { TASK } from "../../test/fake-server.ts";
import type { Keyboard } from "../terminal/keys.ts";
import { TaskView } from "../terminal/task-view.ts";
import { openTerminal } from "../terminal/terminal.ts";
import { followTask } from "./follow-task.ts";

/** The whole log, and a rest whenever it comes. */
const ALL = { after: 0, restFrom: 0 };

/** A client whose turn goes on until it is stopped. */
function endlessTask(options: { onStarted: () => void; stop?: () => Promise<never> }): {
  client: Client;
  stops: () => number;
} {
  const stopped = Promise.withResolvers<void>();
  let stops = 0;
  const state = (to: "running" | "idle", seq: number): FollowItem => ({
    type: "event",
    event: {
      taskId: TASK_ID,
      seq,
      attempt: 1,
      at: "2026-01-02T03:04:05.000Z",
      body: { type: "state.changed", from: "starting", to, failure: null },
    },
  });
  const client: Client = {
    ...createClient({ baseUrl: "http://127.0.0.1:9", token: "t" }),
    async *follow(_taskId, follow = {}) {
      yield state("running", 1);
      setTimeout(options.onStarted, 0);
      const left = new Promise<void>((resolve) => follow.signal?.addEventListener("abort", () => resolve()));
      await Promise.race([stopped.promise, left]);
      if (!follow.signal?.aborted) yield state("idle", 2);
    },
    async stop() {
      stops += 1;
      if (options.stop) return options.stop();
      stopped.resolve();
      throw new ApiError({ type: "", title: "", status: 409, code: "conflict", detail: "", action: "" });
    },
  };
  return { client, stops: () => stops };
}

class FakeKeyboard extends EventEmitter implements Keyboard {
  readonly isTTY = true;
  raw = false;
  setRawMode(raw: boolean) {
    this.raw = raw;
  }
  resume() {}
  pause() {}
  press(key: string) {
    this.emit("data", Buffer.from(key));
  }
}

function quietView() {
  let shown = "";
  const stdout = { write: (text: string) => (shown += text) };
  const terminal = openTerminal({ stdout, stderr: stdout, env: {}, json: false });
  return { view: new TaskView(terminal, "Ctrl-C for choices"), shown: () => shown };
}

const interrupt = () => process.emit("SIGINT", "SIGINT");

test("a task is watched until it comes to rest", async () => {
  const { view, shown } = quietView();
  const client: Client = {
    ...createClient({ baseUrl: "http://127.0.0.1:9", token: "t" }),
    async *follow() {
      yield* cannedRun();
    },
  };
  expect(await followTask({ client, taskId: TASK_ID, ...ALL, view, keyboard: null })).toBe("at-rest");
  expect(view.transcript.state).toBe("idle");
  expect(shown()).toContain("running → idle");
});

test("a rest that the log has gone past is history", async () => {
  const { view } = quietView();
  const rest = (seq: number, from: "running" | "idle", to: "idle" | "queued"): FollowItem => ({
    type: "event",
    event: {
      taskId: TASK_ID,
      seq,
      attempt: 1,
      at: "2026-01-02T03:04:05.000Z",
      body: { type: "state.changed", from, to, failure: null },
    },
  });
  let given = 0;
  const client: Client = {
    ...createClient({ baseUrl: "http://127.0.0.1:9", token: "t" }),
    async *follow() {
      for (const item of [
        rest(1, "running", "idle"),
        rest(2, "idle", "queued"),
        rest(3, "running", "idle"),
      ]) {
        given += 1;
        yield item;
      }
    },
  };
  const options = { client, taskId: TASK_ID, after: 0, restFrom: 2, view, keyboard: null };
  expect(await followTask(options)).toBe("at-rest");
  expect(given).toBe(3);
});

test("Ctrl-C where nobody can be asked ends the watching, not the task", async () => {
  const { client, stops } = endlessTask({ onStarted: interrupt });
  expect(await followTask({ client, taskId: TASK_ID, ...ALL, view: quietView().view, keyboard: null })).toBe(
    "left",
  );
  expect(stops()).toBe(0);
});

test.each([
  { keys: ["s"], ending: "at-rest", stopped: 1 },
  { keys: ["w"], ending: "left", stopped: 0 },
  { keys: ["x", "S"], ending: "at-rest", stopped: 1 },
  { keys: ["\u0003"], ending: "left", stopped: 0 },
] as const)("Ctrl-C asks, and the answer $keys counts", async ({ keys, ending, stopped }) => {
  const keyboard = new FakeKeyboard();
  const onStarted = () => {
    interrupt();
    expect(keyboard.raw).toBe(true);
    for (const key of keys) keyboard.press(key);
  };
  const { client, stops } = endlessTask({ onStarted });
  expect(await followTask({ client, taskId: TASK_ID, ...ALL, view: quietView().view, keyboard })).toBe(
    ending,
  );
  expect(stops()).toBe(stopped);
  expect(keyboard.raw).toBe(false);
});

test("whoever continues is asked again at the next Ctrl-C", async () => {
  const keyboard = new FakeKeyboard();
  const onStarted = () => {
    interrupt();
    keyboard.press("c");
    setTimeout(() => {
      interrupt();
      keyboard.press("w");
    }, 5);
  };
  const { client } = endlessTask({ onStarted });
  expect(await followTask({ client, taskId: TASK_ID, ...ALL, view: quietView().view, keyboard })).toBe(
    "left",
  );
});

test("a second Ctrl-C in place of an answer ends the watching", async () => {
  const keyboard = new FakeKeyboard();
  const onStarted = () => {
    interrupt();
    interrupt();
  };
  const { client, stops } = endlessTask({ onStarted });
  expect(await followTask({ client, taskId: TASK_ID, ...ALL, view: quietView().view, keyboard })).toBe(
    "left",
  );
  expect(stops()).toBe(0);
  expect(keyboard.raw).toBe(false);
});

test("a stop that the server refuses is told, and the watching goes on", async () => {
  const keyboard = new FakeKeyboard();
  const { view, shown } = quietView();
  const onStarted = () => {
    interrupt();
    keyboard.press("s");
    setTimeout(() => {
      interrupt();
      keyboard.press("w");
    }, 20);
  };
  const stop = () => Promise.reject(new Error("no luck"));
  const { client } = endlessTask({ onStarted, stop });
  expect(await followTask({ client, taskId: TASK_ID, ...ALL, view, keyboard })).toBe("left");
  expect(shown()).toContain("The turn could not be stopped: no luck");
});

/** A task whose agent asks, and goes on once it is answered. */
function askingTask(onAsked: () => void) {
  const answers: unknown[] = [];
  const answered = Promise.withResolvers<void>();
  const event = (seq: number, body: EventBody): FollowItem => ({
    type: "event",
    event: { taskId: TASK_ID, seq, attempt: 1, at: "2026-01-02T03:04:05.000Z", body },
  });
  const client: Client = {
    ...createClient({ baseUrl: "http://127.0.0.1:9", token: "t" }),
    async *follow(_taskId, follow = {}) {
      yield event(1, {
        type: "question.asked",
        questionId: "q",
        question: "Which?",
        options: ["one", "two"],
      });
      setTimeout(onAsked, 0);
      const left = new Promise<void>((resolve) => follow.signal?.addEventListener("abort", () => resolve()));
      await Promise.race([answered.promise, left]);
      if (follow.signal?.aborted) return;
      yield event(2, { type: "question.answered", questionId: "q", answer: "two", answerId: "a" });
      yield event(3, { type: "state.changed", from: "running", to: "idle", failure: null });
    },
    answer: async (_taskId, command) => {
      answers.push(command);
      answered.resolve();
      return TASK;
    },
  };
  return { client, answers, answered };
}

test.each([
  { typed: ["2", "\r"], answer: "two" },
  { typed: ["\u001b[A", "th", "x", "\u007f", "rée", "\r"], answer: "thrée" },
])("what the agent asks is answered on the spot by $typed", async ({ typed, answer }) => {
  const keyboard = new FakeKeyboard();
  const { view, shown } = quietView();
  const { client, answers } = askingTask(() => {
    expect(keyboard.raw).toBe(true);
    for (const keys of typed) keyboard.press(keys);
  });
  expect(await followTask({ client, taskId: TASK_ID, ...ALL, view, keyboard })).toBe("at-rest");
  expect(answers).toEqual([{ questionId: "q", answer }]);
  expect(keyboard.raw).toBe(false);
  expect(shown()).toContain("? Which?");
  expect(shown()).toContain("1. one");
  expect(shown()).toContain(`farhand answer ${TASK_ID}`);
});

test("a question can be left open, and what another answers meanwhile ends the asking", async () => {
  const keyboard = new FakeKeyboard();
  const { client, answers, answered } = askingTask(() => {
    keyboard.press("\u001b");
    setTimeout(() => answered.resolve(), 5);
  });
  expect(await followTask({ client, taskId: TASK_ID, ...ALL, view: quietView().view, keyboard })).toBe(
    "at-rest",
  );
  const other = askingTask(() => other.answered.resolve());
  const options = { client: other.client, taskId: TASK_ID, ...ALL, view: quietView().view, keyboard };
  expect(await followTask(options)).toBe("at-rest");
  expect([...answers, ...other.answers]).toEqual([]);
  expect(keyboard.raw).toBe(false);
});

test("Ctrl-C in the middle of an answer asks what is meant", async () => {
  const keyboard = new FakeKeyboard();
  const { client, answers } = askingTask(() => {
    keyboard.press("\u0003");
    setTimeout(() => keyboard.press("w"), 5);
  });
  expect(await followTask({ client, taskId: TASK_ID, ...ALL, view: quietView().view, keyboard })).toBe(
    "left",
  );
  expect(answers).toEqual([]);
});

test("no signal is caught any more when the watching is over", () => {
  expect(process.listenerCount("SIGINT")).toBe(0);
});
