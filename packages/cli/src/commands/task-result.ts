import type { Task } from "@farhand/protocol";

/** The last JSON line of `run`. */
export function taskResult(task: Task) {
  return {
    result: task.state,
    taskId: task.id,
    branch: task.commit === null ? null : task.branch,
    pullRequestUrl: task.pullRequestUrl,
    filesChanged: task.filesChanged,
    failure: task.failure,
  };
}
