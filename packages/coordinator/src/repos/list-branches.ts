import { BRANCHES_MAX, type BranchList, BranchName } from "@farhand/protocol";
import type { Remote } from "../domain/ports.ts";
import type { Git } from "./git.ts";
import { classifyGitFailure } from "./git-failure.ts";

const TIME_LIMIT_MS = 20_000;
/** Some thirty thousand branches. */
const OUTPUT_MAX_BYTES = 4 * 1024 * 1024;

/** Asks a remote for its branches; nothing is fetched. @throws FarhandError `repository_*` */
export async function listBranches(git: Git, remote: Remote, signal: AbortSignal): Promise<BranchList> {
  const result = await git.run({
    remote,
    signal,
    timeLimitMs: TIME_LIMIT_MS,
    maxStdoutBytes: OUTPUT_MAX_BYTES,
    args: ["ls-remote", "--symref", "--", remote.url, "HEAD", "refs/heads/*"],
  });
  if (result.exitCode !== 0 && !result.isTruncated) {
    const known = classifyGitFailure({
      operation: "fetch",
      url: remote.url,
      hasCredential: remote.credential !== null,
      output: result.stderr,
      timedOut: result.timedOut,
    });
    throw known ?? new Error(`git ls-remote ended with ${result.exitCode}: ${result.stderr}`);
  }
  const lines = new TextDecoder().decode(result.stdout).split("\n");
  // The last line of an output that was cut is half a name.
  if (result.isTruncated) lines.pop();
  const head = /^ref: refs\/heads\/(.+)\tHEAD$/.exec(lines[0] ?? "")?.[1];
  const names = lines.flatMap((line) => /^[0-9a-f]{40,64}\trefs\/heads\/(.+)$/.exec(line)?.[1] ?? []);
  // A task cannot start from one whose name no branch of a task may have.
  const usable = names.filter((name) => BranchName.safeParse(name).success);
  return {
    branches: usable.slice(0, BRANCHES_MAX),
    defaultBranch: head !== undefined && usable.includes(head) ? head : null,
    truncated: result.isTruncated || usable.length > BRANCHES_MAX,
  };
}
