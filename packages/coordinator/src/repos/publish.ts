import type { Remote } from "../domain/ports.ts";
import { type Git, GitError } from "./git.ts";
import { classifyGitFailure } from "./git-failure.ts";
import { TRANSFER_LIMIT_MS } from "./mirror.ts";

/** Pushes a commit to a branch of the remote, never forced. Throws the signal's reason, after git has ended, when aborted. */
export async function publishBranch(
  git: Git,
  repository: string,
  { branch, commit }: { branch: string; commit: string },
  remote: Remote,
  signal: AbortSignal,
): Promise<void> {
  const refspec = `${commit}:refs/heads/${branch}`;
  const args = ["push", "--porcelain", "--no-verify", "--no-progress", "--", remote.url, refspec];
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
