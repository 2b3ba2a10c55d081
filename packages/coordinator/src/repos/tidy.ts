import type { Git } from "./git.ts";

const TIME_LIMIT_MS = 10 * 60_000;

/**
 * Removes what no ref of the repository leads to: checkpoints that later ones have replaced. What is younger than ten
 * minutes stays, since a push that is under way may be about to name it.
 */
export async function tidy(git: Git, repository: string): Promise<void> {
  await git.read({
    repository,
    args: [
      ...["-c", "pack.threads=1", "-c", "pack.windowMemory=64m", "-c", "core.bigFileThreshold=16m"],
      ...["gc", "--quiet", "--cruft", "--prune=10.minutes.ago"],
    ],
    timeLimitMs: TIME_LIMIT_MS,
  });
}
