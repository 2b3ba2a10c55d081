import type { Task } from "@farhand/protocol";

let made = 0;

/** A task that is done, with what is given in its place. */
export function aTask(given: Partial<Task> = {}): Task {
  made += 1;
  return {
    id: `t_${String(made).padStart(26, "0")}`,
    state: "idle",
    repository: "https://github.com/you/project",
    forge: "github",
    baseBranch: "main",
    branch: `farhand/task-${made}`,
    model: "claude-sonnet-5-5",
    prompt: "Fix the flaky login test",
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
    lastSeq: 10,
    usage: { inputTokens: 0, outputTokens: 0, cacheCreationInputTokens: 0, cacheReadInputTokens: 0 },
    costUsd: 0,
    unpricedTokens: 0,
    budget: { maxUsd: null, maxTokens: null },
    budgetReached: null,
    question: null,
    failure: null,
    createdAt: "2026-03-01T10:00:00.000Z",
    updatedAt: "2026-03-01T10:00:00.000Z",
    ...given,
  };
}
