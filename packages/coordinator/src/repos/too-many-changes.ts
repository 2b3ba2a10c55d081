import { failure } from "../domain/failure.ts";
import { GitError, isOutOfMemory } from "./git.ts";

/** Enough for a million changed files. */
export const COMPARISON_MAX_MEMORY_BYTES = 512 * 1024 ** 2;

/** Compares commits; what git has no room for is told as what it is. @throws FarhandError `payload_too_large` */
export async function comparing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof GitError) || !isOutOfMemory(error.result.stderr)) throw error;
    throw failure(
      "payload_too_large",
      "So many files differ between these commits that they cannot be compared.",
      "Have the agent take out what it has made so much of, or look at single files instead.",
      { cause: error },
    );
  }
}
