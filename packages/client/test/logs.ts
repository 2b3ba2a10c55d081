/** Logs of tasks for the tests of what is made of them. */
import type { EventBody, TaskEvent } from "@farhand/protocol";
import fc from "fast-check";
import type { QuestionBody } from "../src/view/question.ts";

export const TASK = "t_01k9z3k4m5n6p7q8r9s0t1v2w3";
const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const BRANCH = "farhand/mend-the-test-0t1v2w3";

type AnyBody = EventBody | QuestionBody | { type: string };

export function makeEvents(bodies: readonly AnyBody[], firstSeq = 1): TaskEvent[] {
  return bodies.map((body, index) => ({
    taskId: TASK,
    seq: firstSeq + index,
    attempt: 1,
    at: new Date(Date.UTC(2026, 2, 4, 5, 6, 7) + (firstSeq + index) * 1000).toISOString(),
    body: body as EventBody,
  }));
}

export const created: EventBody = {
  type: "task.created",
  repository: "https://github.com/octo/shop.git",
  prompt: "Mend the test.",
  model: "claude-sonnet-5-5",
  baseBranch: null,
  branch: BRANCH,
  forkedFrom: null,
};

export const turn = (number: number, text = `turn ${number}`, isRetry = false): EventBody => ({
  type: "turn.started",
  turn: number,
  messageId: `m_turn${number}`,
  text,
  isRetry,
});

type State = Extract<EventBody, { type: "state.changed" }>;
export const state = (from: State["from"], to: State["to"], failure: State["failure"] = null): EventBody => ({
  type: "state.changed",
  from,
  to,
  failure,
});

export const says = (messageId: string, ...content: Record<string, unknown>[]): EventBody => ({
  type: "assistant.message",
  messageId,
  model: "claude-sonnet-5-5",
  content: content.map((block) => ({ type: "text", ...block })),
  stopReason: "tool_use",
});

export const call = (id: string, name: string, input: unknown) => ({ type: "tool_use", id, name, input });

export const started = (toolUseId: string, name = "bash", label = "ls"): EventBody => ({
  type: "tool.started",
  toolUseId,
  name,
  label,
});

export const finished = (toolUseId: string, content = "ok", isError = false, name = "bash"): EventBody => ({
  type: "tool.finished",
  toolUseId,
  name,
  isError,
  content,
  durationMs: 5,
});

export const used = (costUsd: number | null): EventBody => ({
  type: "model.used",
  model: "claude-sonnet-5-5",
  usage: { inputTokens: 1, outputTokens: 2, cacheCreationInputTokens: 3, cacheReadInputTokens: 4 },
  costUsd,
});

const limit = { maxUsd: 5, maxTokens: null };
const use = { scope: "task" as const, limit, spent: { usd: 5, tokens: 10 } };
const failure = { code: "approval_needed" as const, message: "Look.", action: "Approve.", retryable: true };

const id = (prefix: string) => fc.integer({ min: 1, max: 4 }).map((n) => `${prefix}${n}`);
const of = <T>(...values: T[]) => fc.constantFrom(...values);
const states = of<State["to"]>(
  "queued",
  "starting",
  "running",
  "waiting",
  "idle",
  "failed",
  "cancelled",
  "archived",
);

/** Any event that can be, in any order: a reducer has to take what it gets. */
export const anyBody: fc.Arbitrary<AnyBody> = fc.oneof(
  fc.constant(created),
  fc
    .record({ n: fc.integer({ min: 1, max: 4 }), again: fc.boolean() })
    .map(({ n, again }) => turn(n, "go", again)),
  fc.tuple(states, states, fc.boolean()).map(([from, to, held]) => state(from, to, held ? failure : null)),
  fc
    .tuple(id("msg"), id("toolu"), of("bash", "edit", "finish"))
    .map(([message, tool, name]) =>
      says(
        message,
        { type: "thinking", thinking: "Well." },
        { text: "Hello." },
        call(tool, name, { command: "ls", file_path: `src/${tool}.ts` }),
      ),
    ),
  id("toolu").map((tool) => started(tool)),
  fc.tuple(id("toolu"), fc.boolean()).map(([tool, isError]) => finished(tool, "exit 2", isError)),
  of<EventBody>(
    { type: "notice", level: "info", code: "output_truncated", message: "Cut." },
    { type: "notice", level: "warning", code: "model_retry", message: "Again." },
    { type: "turn.stopping", how: "stop" },
    { type: "turn.finished", title: "Done", summary: "All." },
    { type: "turn.stopped" },
    { type: "checkpoint.saved", turn: 1, commit: COMMIT, isFinal: true },
    {
      type: "branch.published",
      branch: BRANCH,
      commit: COMMIT,
      filesChanged: 1,
      insertions: 2,
      deletions: 3,
    },
    { type: "pull_request.opened", url: "https://github.com/octo/shop/pull/7", number: 7, existed: false },
    { type: "pull_request.changed", url: "https://github.com/octo/shop/pull/7", state: "merged" },
    { type: "budget.reached", ...use },
    { type: "budget.warned", ...use },
    { type: "budget.changed", ...limit },
    { type: "approval.given", kind: "workflows", commit: COMMIT },
    { type: "egress.refused", host: "example.com", port: 443, rule: "not_listed" },
    { type: "egress.allowed", host: "example.com" },
    { type: "setup.started", path: ".farhand/setup.sh" },
    { type: "setup.finished", exitCode: 0, isCached: false, tail: "", durationMs: 3 },
    { type: "task.rolled_back", turn: 1, commit: COMMIT },
    { type: "attempt.ended", attempt: 1, exitCode: 0, sandboxRemoved: true },
  ),
  id("m_").map((messageId): EventBody => ({ type: "message.queued", messageId, text: "More." })),
  id("m_").map((messageId): EventBody => ({ type: "message.edited", messageId, text: "Less." })),
  id("m_").map((messageId): EventBody => ({ type: "message.withdrawn", messageId })),
  id("m_").map((messageId): EventBody => ({ type: "user.message", messageId, text: "More." })),
  fc.array(id("m_")).map((messageIds): EventBody => ({ type: "messages.reordered", messageIds })),
  id("q").map(
    (questionId): AnyBody => ({ type: "question.asked", questionId, question: "Which?", options: ["a"] }),
  ),
  id("q").map((questionId): AnyBody => ({ type: "question.answered", questionId, answer: "a" })),
  fc.constantFrom(used(0.25), used(null)),
  fc.constant<AnyBody>({ type: "from.the.future" }),
  // Of a known type, and not made as it should be.
  fc.constantFrom<AnyBody>({ type: "assistant.message" }, { type: "turn.failed" }),
);

export const anyLog: fc.Arbitrary<TaskEvent[]> = fc
  .array(anyBody, { maxLength: 60 })
  .map((bodies) => makeEvents([created, turn(1), ...bodies]));

/** A task at work: turns with tools, answers and costs. */
export function longLog(length: number): TaskEvent[] {
  const bodies: EventBody[] = [created, turn(1), state("queued", "running")];
  for (let n = 0; bodies.length < length; n++) {
    bodies.push(
      says(
        `msg${n}`,
        { text: n % 3 === 0 ? `Step ${n}.` : "" },
        call(`toolu${n}`, "bash", { command: "ls" }),
      ),
      used(0.01),
      started(`toolu${n}`),
      finished(`toolu${n}`),
    );
    if (n % 25 === 24) {
      const number = Math.floor(n / 25) + 1;
      bodies.push(
        state("running", "idle"),
        turn(number + 1),
        state("idle", "queued"),
        state("queued", "running"),
      );
    }
  }
  return makeEvents(bodies.slice(0, length));
}
