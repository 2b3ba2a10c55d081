import type { TaskEvent } from "@farhand/protocol";

/**
 * The commits that a task's work went through and that hold for it, in their order: what was pushed to the branch, and
 * the checkpoints of turns' ends. Those of a run that was retried do not: a retry is meant to lose them. No scenario of
 * the suite removes a file, so along these no file may go away.
 */
export function keptCommits(events: readonly TaskEvent[]): string[] {
  const kept: string[] = [];
  let ofThisRun: string[] = [];
  for (const { body } of events) {
    if (body.type === "turn.started") {
      if (!body.isRetry) kept.push(...ofThisRun);
      ofThisRun = [];
    }
    if (body.type === "branch.pushed" && body.commit !== null) ofThisRun.push(body.commit);
    if (body.type === "checkpoint.saved" && body.isFinal) ofThisRun.push(body.commit);
  }
  const commits = [...kept, ...ofThisRun];
  return commits.filter((commit, index) => commit !== commits[index - 1]);
}
