import { failure } from "../domain/failure.ts";
import type { Remote } from "../domain/ports.ts";
import { type Git, GitError } from "./git.ts";
import { classifyGitFailure } from "./git-failure.ts";
import { TRANSFER_LIMIT_MS } from "./mirror.ts";
import { readCommit } from "./task-repository.ts";

/** Pushes a branch to the remote, never forced. Throws the signal's reason, after git has ended, when aborted. */
export async function publishBranch(
  git: Git,
  repository: string,
  branch: string,
  remote: Remote,
  signal: AbortSignal,
): Promise<void> {
  const ref = `refs/heads/${branch}`;
  if ((await readCommit(git, repository, ref)) === null) {
    throw failure("branch_not_found", `The task has no branch ${branch} yet.`, "Let the agent commit first.");
  }
  const args = ["push", "--porcelain", "--no-verify", "--no-progress", "--", remote.url, `${ref}:${ref}`];
  const result = await git.run({ repository, remote, args, signal, timeLimitMs: TRANSFER_LIMIT_MS });
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
}
