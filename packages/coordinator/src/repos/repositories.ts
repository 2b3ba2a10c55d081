import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { BranchName, CommitId, TaskId, TurnNumber } from "@farhand/protocol";
import { type FarhandError, failure } from "../domain/failure.ts";
import type { PreparedRepository, Remote, Repositories } from "../domain/ports.ts";
import { chooseBaseBranch } from "./base-branch.ts";
import { readChanges, readStats } from "./changes.ts";
import { keepTurn, offerRestore, readCheckpoints } from "./checkpoints.ts";
import { diskFull } from "./disk-full.ts";
import { diskUse } from "./disk-use.ts";
import { DEFAULT_FETCH_BOUNDS, type FetchBounds } from "./fetch-bounds.ts";
import { readNode } from "./file-node.ts";
import { Git } from "./git.ts";
import { KeyedLock } from "./keyed-lock.ts";
import { listBranches } from "./list-branches.ts";
import { fetchMirror } from "./mirror.ts";
import { mirrorPath } from "./mirror-path.ts";
import { publishBranch } from "./publish.ts";
import { openFile } from "./raw-file.ts";
import { searchFiles } from "./search-files.ts";
import { squash } from "./squash.ts";
import { removeStaleLocks } from "./stale-locks.ts";
import {
  copyCommit,
  copyTaskRepository,
  hasCommit,
  isThere,
  makeTaskRepository,
  readBase,
  readCommit,
} from "./task-repository.ts";
import { tidy } from "./tidy.ts";
import { comparing } from "./too-many-changes.ts";
import { readTouched } from "./touched.ts";

/** How long an HTTP transfer may stand still before it is given up. */
const STALL_SECONDS = 60;

export interface RepositoriesOptions {
  /** Folder that holds `mirrors/` and `tasks/`. It may be moved as a whole: nothing in it names its place. */
  directory: string;
  stallSeconds?: number;
  /** What a fetch may take; what is left out of the disk has no limit. */
  fetchBounds?: Partial<FetchBounds>;
}

/** Bare repositories on this machine's disk, worked on with the `git` program. */
export function createRepositories(options: RepositoriesOptions): Repositories {
  const directory = resolve(options.directory);
  const git = new Git({ stallSeconds: options.stallSeconds ?? STALL_SECONDS });
  const bounds = { ...DEFAULT_FETCH_BOUNDS, ...options.fetchBounds };
  const mirrorLocks = new KeyedLock();
  const taskLocks = new KeyedLock();
  const searchLocks = new KeyedLock();

  function taskPath(taskId: string): string {
    return join(directory, "tasks", `${TaskId.parse(taskId)}.git`);
  }

  /** Path of a task's repository that holds the commits. */
  async function having(taskId: string, ...commits: string[]): Promise<string> {
    const path = taskPath(taskId);
    for (const commit of commits) CommitId.parse(commit);
    if (!(await isThere(path))) throw removed();
    for (const commit of new Set(commits)) {
      if (!(await hasCommit(git, path, commit))) throw noSuchCommit(commit);
    }
    return path;
  }

  async function prepare(
    task: { id: string; userId: string; baseBranch: string | null },
    remote: Remote,
    signal: AbortSignal,
  ): Promise<PreparedRepository> {
    const path = taskPath(task.id);
    await removeStaleLocks(path);
    const existing = await readBase(git, path);
    if (existing !== null) return existing;
    const mirror = join(directory, "mirrors", mirrorPath(task.userId, remote.url));
    return await mirrorLocks.run(mirror, signal, async () => {
      const needsHead = task.baseBranch === null;
      const { branches, headBranch } = await fetchMirror(git, mirror, remote, { needsHead, bounds, signal });
      if (branches.size === 0) {
        throw failure(
          "repository_empty",
          `${remote.url} has no commit yet.`,
          "Push a first commit to it, then try again.",
        );
      }
      // The mirror may have been what an existing repository lacked.
      const mended = await readBase(git, path);
      if (mended !== null) return mended;
      const base = chooseBaseBranch(task.baseBranch, branches, headBranch, remote.url);
      await makeTaskRepository(git, path, mirror, base);
      return base;
    });
  }

  async function fork(sourceTaskId: string, taskId: string, commit: string): Promise<PreparedRepository> {
    const path = taskPath(taskId);
    const existing = await readBase(git, path);
    if (existing !== null && (await hasCommit(git, path, commit))) return existing;
    const source = await having(sourceTaskId, commit);
    if (existing !== null) {
      await copyCommit(git, source, path, commit);
      return existing;
    }
    const base = await readBase(git, source);
    if (base === null) throw removed();
    await copyTaskRepository(git, source, path, base, commit);
    return base;
  }

  return {
    taskPath,

    async prepare(task, remote, signal) {
      try {
        return await taskLocks.run(task.id, signal, () => prepare(task, remote, signal));
      } catch (error) {
        throw diskFull(error, remote.url) ?? error;
      }
    },

    async fork(sourceTaskId, taskId, commit) {
      CommitId.parse(commit);
      if (sourceTaskId === taskId) throw new Error(`the task ${taskId} cannot be a fork of itself`);
      // In the order of the ids, so that no two ever wait for each other.
      const [first = "", second = ""] = [sourceTaskId, taskId].sort();
      try {
        return await taskLocks.run(first, undefined, () =>
          taskLocks.run(second, undefined, () => fork(sourceTaskId, taskId, commit)),
        );
      } catch (error) {
        throw diskFull(error, "the copy of the task's files") ?? error;
      }
    },

    async tip(taskId, branch) {
      const path = taskPath(taskId);
      const ref = `refs/heads/${BranchName.parse(branch)}`;
      return (await isThere(path)) ? await readCommit(git, path, ref) : null;
    },

    async checkpoints(taskId) {
      const path = taskPath(taskId);
      return (await isThere(path)) ? await readCheckpoints(git, path) : { live: null, turns: new Map() };
    },

    async keepTurn(taskId, turn, commit) {
      TurnNumber.parse(turn);
      await taskLocks
        .run(taskId, undefined, async () => {
          const path = await having(taskId, commit);
          await removeStaleLocks(path);
          await keepTurn(git, path, turn, commit);
        })
        .catch((error) => {
          throw diskFull(error, "the task's checkpoint") ?? error;
        });
    },

    async offerRestore(taskId, commit) {
      await taskLocks.run(taskId, undefined, async () => {
        if (commit === null && !(await isThere(taskPath(taskId)))) return;
        const path = commit === null ? taskPath(taskId) : await having(taskId, commit);
        await offerRestore(git, path, commit);
      });
    },

    async has(taskId, commit) {
      const path = taskPath(taskId);
      CommitId.parse(commit);
      return (await isThere(path)) && (await hasCommit(git, path, commit));
    },

    async stats(taskId, from, to) {
      const repository = await having(taskId, from, to);
      return await comparing(() => readStats(git, { repository, from, to }));
    },

    async touched(taskId, from, to, paths) {
      const repository = await having(taskId, from, to);
      return await comparing(() => readTouched(git, { repository, from, to }, paths));
    },

    async changes(taskId, from, to, path) {
      const repository = await having(taskId, from, to);
      return await comparing(() => readChanges(git, { repository, from, to }, path));
    },

    async node(taskId, commit, path) {
      return await readNode(git, await having(taskId, commit), commit, path);
    },

    async search(taskId, commit, text, signal) {
      const path = await having(taskId, commit);
      return await searchLocks.run(taskId, signal, () => searchFiles(git, path, commit, text, signal));
    },

    async raw(taskId, commit, path, signal) {
      return await openFile(git, await having(taskId, commit), commit, path, signal);
    },

    async squash(taskId, from, to) {
      const repository = await having(taskId, from, to);
      try {
        return await taskLocks.run(taskId, undefined, () => squash(git, { repository, from, to }));
      } catch (error) {
        throw diskFull(error, "the task's work") ?? error;
      }
    },

    async publish(taskId, { branch, commit }, remote, signal) {
      const repository = await having(taskId, commit);
      await publishBranch(git, repository, { branch: BranchName.parse(branch), commit }, remote, signal);
    },

    branches: (remote, signal) => listBranches(git, remote, signal),

    async sizeBytes(taskId) {
      return await diskUse(taskPath(taskId));
    },

    async tidy(taskId) {
      const path = taskPath(taskId);
      await taskLocks.run(taskId, undefined, async () => {
        if (await isThere(path)) await tidy(git, path);
      });
    },

    async remove(taskId) {
      await taskLocks.run(taskId, undefined, () => rm(taskPath(taskId), { recursive: true, force: true }));
    },
  };
}

function removed(): FarhandError {
  return failure(
    "removed",
    "The task's files are no longer on the server.",
    "What was published is at the remote; start a new task to go on from there.",
  );
}

function noSuchCommit(commit: string): FarhandError {
  return failure(
    "not_found",
    `The task's files have no commit ${commit}.`,
    "Name base, latest, branch or a turn, or a commit that one of the task's events tells of.",
  );
}
