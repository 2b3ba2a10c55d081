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
    const { branch } = task;
    const publishable = await publishableCommit(work, task.commit ?? base.baseCommit, commit);
    if (publishable === base.baseCommit) return;
    if (publishable !== task.commit) {
      const stats = await repositories.stats(task.id, base.baseCommit, publishable);
      const remote = forge.remote(task.repository);
      const push = () => repositories.publish(task.id, { branch, commit: publishable }, remote, signal);
      await persist(push, signal);
      await work.append({ type: "branch.published", branch, commit: publishable, ...stats });
    }
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

/**
 * The commit that may go out on top of what is published: the agent's own, or one with the same files in its place.
 * Whoever has a branch has all of its commits, so those that changed workflows stay here once that was taken back. What
 * the forge holds then is no longer in the past of what the agent goes on with, whose work is put on top of it each time.
 */
async function publishableCommit(
  { task, repositories, approvedCommit }: Parameters<typeof publishWork>[0],
  published: string,
  commit: string,
): Promise<string> {
  const { differing, takenBack, follows } = await repositories.touched(
    task.id,
    published,
    commit,
    WORKFLOW_PATHS,
  );
  if (differing.length === 0) {
    return takenBack.length === 0 && follows ? commit : await repositories.squash(task.id, published, commit);
  }
  if ((await approvedCommit()) === commit) {
    return follows ? commit : await repositories.squash(task.id, published, commit);
  }
  const paths = [...differing, ...takenBack];
  throw failure(
    "approval_needed",
    `The work changes what the forge runs by itself, with its own secrets: ${paths.join(", ")}. Nothing was pushed.`,
    `Look at the changes. To publish them, approve the task: ./farhand task approve ${task.id}, or ` +
      `POST /api/tasks/${task.id}/approve. Otherwise send a message that asks for them to be taken back.`,
    { commit },
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
