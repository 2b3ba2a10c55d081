import { classifyGitFailure } from "./git-failure.ts";

/** The failure for what the operating system or a local git said about the disk; null for anything else. */
export function diskFull(error: unknown, what: string): Error | null {
  const text = error instanceof Error ? `${error.message} ${"code" in error ? error.code : ""}` : "";
  if (!/ENOSPC|EDQUOT|No space left on device|Disk quota exceeded|couldn't write/.test(text)) return null;
  return classifyGitFailure({
    operation: "fetch",
    url: what,
    hasCredential: false,
    output: "No space left on device",
    timedOut: false,
  });
}
