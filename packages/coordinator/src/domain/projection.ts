import type { EventBody, Task } from "@farhand/protocol";
import type { TaskTrigger } from "./task-state.ts";

/** The task's own columns as one event leaves them. Only what changes is named. */
export function project(task: Pick<Task, "usage">, body: EventBody): Partial<Task> {
  switch (body.type) {
    case "state.changed":
      return { state: body.to, failure: body.failure };
    case "attempt.started":
      return { attempt: body.attempt };
    case "repository.ready":
      return { baseBranch: body.baseBranch };
    case "turn.finished":
      return { title: body.title, summary: body.summary };
    case "branch.published":
      return { commit: body.commit, filesChanged: body.filesChanged };
    case "pull_request.opened":
      return { pullRequestUrl: body.url };
    case "model.used":
      return {
        usage: {
          inputTokens: task.usage.inputTokens + body.usage.inputTokens,
          outputTokens: task.usage.outputTokens + body.usage.outputTokens,
          cacheCreationInputTokens: task.usage.cacheCreationInputTokens + body.usage.cacheCreationInputTokens,
          cacheReadInputTokens: task.usage.cacheReadInputTokens + body.usage.cacheReadInputTokens,
        },
      };
    default:
      return {};
  }
}

/** The arrow that a worker's report takes by itself, in the same transaction as the report. */
export function triggerOf(body: EventBody): TaskTrigger | null {
  return body.type === "worker.ready" ? "worker_ready" : null;
}
