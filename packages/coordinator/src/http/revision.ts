import type { Revision } from "@farhand/protocol";
import { type FarhandError, failure } from "../domain/failure.ts";
import type { Repositories } from "../domain/ports.ts";
import type { TaskRecord } from "../domain/store.ts";

/** @throws FarhandError `removed` */
export function demandFiles(task: TaskRecord): void {
  if (!task.removed) return;
  throw failure(
    "removed",
    "The task's files were removed after their time.",
    "What was published is at the remote, and the task's events are kept.",
  );
}

/**
 * The commit that a revision of a task's files stands for. Throws `removed` and `conflict` for a task that has no files
 * any more or none yet, and `not_found` for a revision that it does not have.
 */
export async function commitOf(
  repositories: Repositories,
  task: TaskRecord,
  revision: Revision,
): Promise<string> {
  demandFiles(task);
  const { baseCommit } = task;
  if (baseCommit === null) {
    throw failure(
      "conflict",
      "The task has no files yet.",
      "Ask again once the task has started: its repository is being fetched.",
    );
  }
  const turn = /^turn-(\d+)$/.exec(revision)?.[1];
  if (turn !== undefined) {
    const { turns } = await repositories.checkpoints(task.id);
    return turns.get(Number(turn)) ?? raise(noSuchTurn(turn));
  }
  switch (revision) {
    case "base":
      return baseCommit;
    case "latest":
      return (await latest(repositories, task)) ?? baseCommit;
    case "branch":
      return (await repositories.tip(task.id, task.branch)) ?? raise(noBranch(task.branch));
    default:
      if (await repositories.has(task.id, revision)) return revision;
      throw failure(
        "not_found",
        `The task's files have no commit ${revision}.`,
        "Name base, latest, branch or a turn, or a commit that one of the task's events tells of.",
      );
  }
}

/** What the log calls the newest state; a ref may be ahead of it, or be from before the task was rolled back. */
async function latest(repositories: Repositories, task: TaskRecord): Promise<string | null> {
  const { revision } = task;
  if (revision !== null && (await repositories.has(task.id, revision))) return revision;
  return await repositories.tip(task.id, task.branch);
}

function noSuchTurn(turn: string): FarhandError {
  return failure(
    "not_found",
    `There is no saved state of the end of turn ${turn}.`,
    "Name a turn that has ended, or latest for the files as they are now.",
  );
}

function noBranch(branch: string): FarhandError {
  return failure(
    "not_found",
    `The branch ${branch} does not exist yet.`,
    "Name latest: the agent makes the branch at the end of its first turn.",
  );
}

function raise(error: Error): never {
  throw error;
}
