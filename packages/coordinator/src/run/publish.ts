import type { EventBody } from "@farhand/protocol";
import { FarhandError, failure } from "../domain/failure.ts";
import type { Forge, PreparedRepository, Repositories } from "../domain/ports.ts";
import type { TaskRecord } from "../domain/store.ts";
import { pullRequestText } from "./pull-request-body.ts";
import { WORKFLOW_PATHS } from "./workflow-paths.ts";

/** Waits between tries while the forge is away: about half a minute in all. */
const PAUSES_MS = [500, 1000, 2000, 4000, 8000, 15_000];

/**
 * Puts the finished work on the forge: the branch first, then the pull request. Both can be repeated without a
 * second branch or pull request. Does nothing when the agent changed nothing since the last time.
 *
 * @throws FarhandError when the forge refuses, or stays away; `approval_needed` where it changes workflows and nobody
 * has let that pass; the signal's reason when it aborts
 */
export async function publishWork(work: {
  task: TaskRecord;
  base: PreparedRepository;
  forge: Forge;
  repositories: Repositories;
  append: (body: EventBody) => Promise<unknown>;
  /** The commit that a person has let pass for this turn, or null. */
  approvedCommit: () => Promise<string | null>;
  signal: AbortSignal;
}): Promise<void> {
  const { task, base, forge, repositories, signal } = work;
  const commit = await repositories.tip(task.id, task.branch);
  if (!commit || commit === base.baseCommit) return;
  if (commit !== task.commit) {
    await demandApproval(work, task.commit ?? base.baseCommit, commit);
    const stats = await repositories.stats(task.id, base.baseCommit, commit);
    const remote = forge.remote(task.repository);
    await persist(() => repositories.publish(task.id, task.branch, remote, signal), signal);
    await work.append({ type: "branch.published", branch: task.branch, commit, ...stats });
  }
  if (task.pullRequestUrl) return;
  const pullRequest = await persist(
    () =>
      forge.openPullRequest(
        {
          repository: task.repository,
          head: task.branch,
          base: base.baseBranch,
          ...pullRequestText(task),
        },
        signal,
      ),
    signal,
  );
  if (pullRequest) await work.append({ type: "pull_request.opened", ...pullRequest });
}

async function demandApproval(
  { task, repositories, approvedCommit }: Parameters<typeof publishWork>[0],
  from: string,
  commit: string,
): Promise<void> {
  const paths = await repositories.touched(task.id, from, commit, WORKFLOW_PATHS);
  if (paths.length === 0 || (await approvedCommit()) === commit) return;
  throw failure(
    "approval_needed",
    `The work changes what the forge runs by itself, with its own secrets: ${paths.join(", ")}. Nothing was pushed.`,
    `Look at the changes. To publish them, approve the task: ./farhand task approve ${task.id}, or ` +
      `POST /api/tasks/${task.id}/approve. Otherwise send a message that asks for them to be taken back.`,
  );
}

/** Tries again while what goes wrong is of a kind that passes. */
async function persist<T>(step: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (const pauseMs of PAUSES_MS) {
    signal.throwIfAborted();
    try {
      return await step();
    } catch (error) {
      if (signal.aborted || !(error instanceof FarhandError) || !error.failure.retryable) throw error;
    }
    await pause(pauseMs, signal);
  }
  return await step();
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onAbort = () => {
    clearTimeout(timer);
    reject(signal.reason);
  };
  const timer = setTimeout(() => {
    signal.removeEventListener("abort", onAbort);
    resolve();
  }, ms);
  signal.addEventListener("abort", onAbort, { once: true });
  return promise;
}
