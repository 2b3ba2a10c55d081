import type { EventBody, Task, TaskEvent } from "@farhand/protocol";
import type { PhoneRecord, Sent, TaskFacts } from "./facts.ts";

export const TASK_ID = "t_01j9z3k4m5n6p7q8r9s0t1v2w3";
export const PROMPT_ID = "m_01j9z3k4m5n6p7q8r9s0t1v2w3";
export const STEER_ID = "m_01j9z3k4m5n6p7q8r9s0t1v2w4";

export function logOf(bodies: readonly EventBody[]): TaskEvent[] {
  return bodies.map((body, index) => ({
    taskId: TASK_ID,
    seq: index + 1,
    attempt: 1,
    at: "2026-03-02T09:00:00.000Z",
    body,
  }));
}

export const moved = (from: Task["state"], to: Task["state"]): EventBody => ({
  type: "state.changed",
  from,
  to,
  failure: null,
});

export const turnStarted = (turn: number, messageId: string, text: string, isRetry = false): EventBody => ({
  type: "turn.started",
  turn,
  messageId,
  text,
  isRetry,
});

export const called = (...ids: string[]): EventBody => ({
  type: "assistant.message",
  messageId: "msg_1",
  model: "claude-sonnet-5-5",
  content: ids.map((id) => ({ type: "tool_use", id, name: "bash", input: { command: "ls" } })),
  stopReason: "tool_use",
});

export const answered = (toolUseId: string): EventBody => ({
  type: "tool.finished",
  toolUseId,
  name: "bash",
  isError: false,
  content: "ok",
  durationMs: 1,
});

/** A turn with two calls and one message that steered it, all as it has to be. */
export const GOOD: readonly EventBody[] = [
  {
    type: "task.created",
    repository: "http://127.0.0.1/octo/shop.git",
    prompt: "Do it.",
    model: "claude-sonnet-5-5",
    baseBranch: null,
    branch: "farhand/do-it",
    forkedFrom: null,
  },
  turnStarted(1, PROMPT_ID, "Do it."),
  moved("queued", "starting"),
  moved("starting", "running"),
  { type: "message.queued", messageId: STEER_ID, text: "And that." },
  called("toolu_1", "toolu_2"),
  answered("toolu_1"),
  answered("toolu_2"),
  { type: "user.message", messageId: STEER_ID, text: "And that." },
  { type: "turn.finished", title: "Done", summary: "It is done." },
  moved("running", "idle"),
];

export const sent = (change: Partial<Sent>): Sent => ({
  text: "Do it.",
  outcome: "accepted",
  messageId: null,
  editedTo: null,
  wasWithdrawn: false,
  ...change,
});

/** Facts in which nothing is wrong, with other events where given. */
export function factsOf(bodies: readonly EventBody[] = GOOD, change: Partial<TaskFacts> = {}): TaskFacts {
  const events = logOf(bodies);
  const last = bodies.findLast((body) => body.type === "state.changed");
  const state = last?.type === "state.changed" ? last.to : "queued";
  return {
    task: { ...TASK, state, lastSeq: events.length },
    events,
    waiting: [],
    sent: [sent({}), sent({ text: "And that.", messageId: STEER_ID })],
    phones: [phone(events)],
    work: {
      base: "a",
      published: "b",
      isAhead: true,
      pullRequests: 1,
      turns: new Map([[1, "b"]]),
      lostFiles: [],
    },
    ...change,
  };
}

export function phone(seen: TaskEvent[], change: Partial<PhoneRecord> = {}): PhoneRecord {
  const page = { status: "ok" as const, events: seen.slice(2, 4), lastSeq: seen.length };
  return { name: "the phone", seen, resets: 0, gaveUp: null, pages: [{ after: 2, page }], ...change };
}

const NO_TOKENS = {
  inputTokens: 0,
  outputTokens: 0,
  cacheCreationInputTokens: 0,
  cacheReadInputTokens: 0,
};

const TASK: Task = {
  id: TASK_ID,
  state: "idle",
  repository: "http://127.0.0.1/octo/shop.git",
  forge: "github",
  baseBranch: "main",
  branch: "farhand/do-it",
  model: "claude-sonnet-5-5",
  prompt: "Do it.",
  title: null,
  summary: null,
  commit: null,
  filesChanged: null,
  pullRequestUrl: null,
  attempt: 1,
  turn: 1,
  forkedFrom: null,
  delayedBy: null,
  diskBytes: null,
  removed: false,
  lastSeq: 0,
  usage: NO_TOKENS,
  costUsd: 0,
  unpricedTokens: 0,
  budget: { maxUsd: null, maxTokens: null },
  budgetReached: null,
  question: null,
  failure: null,
  createdAt: "2026-03-02T09:00:00.000Z",
  updatedAt: "2026-03-02T09:00:00.000Z",
};
