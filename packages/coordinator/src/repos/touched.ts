import type { Git } from "./git.ts";
import { COMPARISON_MAX_MEMORY_BYTES } from "./too-many-changes.ts";

/** Enough of them to tell somebody what it is about. */
const MOST = 20;

/**
 * Which of some files, or of what is in some folders, differ between two commits or were changed by any commit in
 * between, also where a later one has taken that back: whoever has the branch has all of its commits. The case of names does
 * not matter.
 */
export async function readTouched(
  git: Git,
  { repository, from, to }: { repository: string; from: string; to: string },
  paths: readonly string[],
): Promise<string[]> {
  // Some services do not look at the case of a name. A path is a path all the same, whatever stands in it.
  const anyCase = paths.map((path) => `:(icase,literal)${path}`);
  const names = ["--no-renames", "--no-ext-diff", "--ignore-submodules=none", "--name-only", "-z"];
  const history = [
    "--no-literal-pathspecs",
    "log",
    "--full-history",
    "-m",
    "--format=",
    ...names,
    `${from}..${to}`,
    "--",
    ...anyCase,
  ];
  const ends = ["--no-literal-pathspecs", "diff", ...names, from, to, "--", ...anyCase];
  const found = new Set<string>();
  for (const args of [ends, history]) {
    for await (const record of git.records({
      repository,
      args,
      maxMemoryBytes: COMPARISON_MAX_MEMORY_BYTES,
    })) {
      const path = new TextDecoder().decode(record).trim();
      if (path !== "") found.add(path);
      if (found.size === MOST) return [...found];
    }
  }
  return [...found];
}
