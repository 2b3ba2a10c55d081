import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { BranchName, CommitId, TaskId } from "@farhand/protocol";
import { failure } from "../domain/failure.ts";
import type { DiffStats, PreparedRepository, Remote, Repositories } from "../domain/ports.ts";
import { chooseBaseBranch } from "./base-branch.ts";
import { Git, GitError } from "./git.ts";
import { classifyGitFailure } from "./git-failure.ts";
import { KeyedLock } from "./keyed-lock.ts";
import { fetchMirror, TRANSFER_LIMIT_MS } from "./mirror.ts";
import { mirrorPath } from "./mirror-path.ts";

/** How long an HTTP transfer may stand still before it is given up. */
const STALL_SECONDS = 60;

export interface RepositoriesOptions {
  /** Folder that holds `mirrors/` and `tasks/`. It may be moved as a whole: nothing in it names its place. */
  directory: string;
  stallSeconds?: number;
}

/** Bare repositories on this machine's disk, worked on with the `git` program. */
export function createRepositories(options: RepositoriesOptions): Repositories {
  const directory = resolve(options.directory);
  const git = new Git({ stallSeconds: options.stallSeconds ?? STALL_SECONDS });
  const mirrorLocks = new KeyedLock();
  const taskLocks = new KeyedLock();

  function taskPath(taskId: string): string {
    return join(directory, "tasks", `${TaskId.parse(taskId)}.git`);
  }

  async function prepare(
    task: { id: string; userId: string; baseBranch: string | null },
    remote: Remote,
    signal: AbortSignal,
  ): Promise<PreparedRepository> {
    const path = taskPath(task.id);
    const existing = await readBase(git, path);
    if (existing !== null) return existing;
    const mirror = join(directory, "mirrors", mirrorPath(task.userId, remote.url));
    return await mirrorLocks.run(mirror, signal, async () => {
      const needsHead = task.baseBranch === null;
      const { branches, headBranch } = await fetchMirror(git, mirror, remote, { needsHead, signal });
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

  return {
    taskPath,

    async prepare(task, remote, signal) {
      try {
        return await taskLocks.run(task.id, signal, () => prepare(task, remote, signal));
      } catch (error) {
        throw diskFull(error, remote.url) ?? error;
      }
    },

    async tip(taskId, branch) {
      return await readCommit(git, taskPath(taskId), `refs/heads/${BranchName.parse(branch)}`);
    },

    async stats(taskId, from, to) {
      const listing = await git.read({
        repository: taskPath(taskId),
        args: ["diff", ...SAFE_DIFF, "--numstat", CommitId.parse(from), CommitId.parse(to), "--"],
      });
      return sumOf(listing);
    },

    async diff(taskId, from, to, maxBytes) {
      const args = ["diff", ...SAFE_DIFF, CommitId.parse(from), CommitId.parse(to), "--"];
      const result = await git.run({ repository: taskPath(taskId), args, maxStdoutBytes: maxBytes });
      if (result.exitCode !== 0 && !result.isTruncated) throw new GitError(args, result);
      // As a stream, so that a character which the limit cuts in two is left out.
      const text = new TextDecoder().decode(result.stdout, { stream: result.isTruncated });
      return { text, truncated: result.isTruncated };
    },

    async publish(taskId, branch, remote) {
      const ref = `refs/heads/${BranchName.parse(branch)}`;
      const repository = taskPath(taskId);
      if ((await readCommit(git, repository, ref)) === null) {
        throw failure(
          "branch_not_found",
          `The task has no branch ${branch} yet.`,
          "Let the agent commit first.",
        );
      }
      const args = ["push", "--porcelain", "--no-verify", "--no-progress", "--", remote.url, `${ref}:${ref}`];
      const result = await git.run({ repository, remote, args, timeLimitMs: TRANSFER_LIMIT_MS });
      if (result.exitCode === 0) return;
      throw (
        classifyGitFailure({
          operation: "push",
          url: remote.url,
          hasCredential: remote.credential !== null,
          output: `${result.stderr}\n${new TextDecoder().decode(result.stdout)}`,
          timedOut: result.timedOut,
        }) ?? new GitError(args, result)
      );
    },

    async remove(taskId) {
      await taskLocks.run(taskId, undefined, () => rm(taskPath(taskId), { recursive: true, force: true }));
    },
  };
}

/** No program that attributes or configuration could name is run for a diff. */
const SAFE_DIFF = [
  "--no-color",
  "--no-ext-diff",
  "--no-textconv",
  "--find-renames",
  "--src-prefix=a/",
  "--dst-prefix=b/",
];

async function readCommit(git: Git, repository: string, revision: string): Promise<string | null> {
  const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`];
  const result = await git.run({ repository, args });
  if (result.exitCode === 0) return new TextDecoder().decode(result.stdout).trim();
  if (result.exitCode === 1) return null;
  throw new GitError(args, result);
}

/** HEAD of a task's repository is its base branch. Null where the repository is missing or cannot be read. */
async function readBase(git: Git, path: string): Promise<PreparedRepository | null> {
  const head = await readFile(join(path, "HEAD"), "utf8").catch(() => "");
  const baseBranch = /^ref: refs\/heads\/(\S+)\n$/.exec(head)?.[1];
  if (baseBranch === undefined) return null;
  try {
    const baseCommit = await readCommit(git, path, "HEAD");
    return baseCommit === null ? null : { baseBranch, baseCommit };
  } catch (error) {
    if (error instanceof GitError) return null;
    throw error;
  }
}

/** Made aside and renamed into place, so that it is there in full or not at all. */
async function makeTaskRepository(
  git: Git,
  path: string,
  mirror: string,
  base: PreparedRepository,
): Promise<void> {
  const fresh = `${path}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  const branch = `--initial-branch=${base.baseBranch}`;
  await git.read({ args: ["init", "--quiet", "--bare", "--template=", branch, "--", fresh] });
  await mkdir(join(fresh, "objects", "info"), { recursive: true });
  const borrowed = relative(join(fresh, "objects"), join(mirror, "objects"));
  await writeFile(join(fresh, "objects", "info", "alternates"), `${borrowed}\n`);
  await git.read({
    repository: fresh,
    args: ["update-ref", `refs/heads/${base.baseBranch}`, base.baseCommit],
  });
  await rm(path, { recursive: true, force: true });
  await rename(fresh, path);
}

function sumOf(numstat: string): DiffStats {
  const stats: DiffStats = { filesChanged: 0, insertions: 0, deletions: 0 };
  for (const line of numstat.split("\n")) {
    // Binary files have dashes in place of numbers.
    const match = /^(\d+|-)\t(\d+|-)\t/.exec(line);
    if (match === null) continue;
    stats.filesChanged++;
    stats.insertions += Number(match[1]) || 0;
    stats.deletions += Number(match[2]) || 0;
  }
  return stats;
}

/** The failure for what the operating system or a local git said about the disk; null for anything else. */
function diskFull(error: unknown, url: string): Error | null {
  const text = error instanceof Error ? `${error.message} ${"code" in error ? error.code : ""}` : "";
  if (!/ENOSPC|EDQUOT|No space left on device/.test(text)) return null;
  return classifyGitFailure({
    operation: "fetch",
    url,
    hasCredential: false,
    output: "No space left on device",
    timedOut: false,
  });
}
