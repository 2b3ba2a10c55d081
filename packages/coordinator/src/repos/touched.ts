import type { Touched } from "../domain/ports.ts";
import { type Git, GitError } from "./git.ts";
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
): Promise<Touched> {
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
  const differing = await firstPaths(git, repository, ends, new Set());
  const takenBack = await firstPaths(git, repository, history, differing);
  return {
    differing: [...differing],
    takenBack: [...takenBack],
    follows: await isAncestor(git, repository, from, to),
  };
}

/** Paths that a command lists and that are not known yet, so long as all together are not too many. */
async function firstPaths(
  git: Git,
  repository: string,
  args: string[],
  known: ReadonlySet<string>,
): Promise<Set<string>> {
  const found = new Set<string>();
  if (known.size >= MOST) return found;
  for await (const record of git.records({ repository, args, maxMemoryBytes: COMPARISON_MAX_MEMORY_BYTES })) {
    const path = new TextDecoder().decode(record).trim();
    if (path !== "" && !known.has(path)) found.add(path);
    if (known.size + found.size === MOST) break;
  }
  return found;
}

async function isAncestor(git: Git, repository: string, older: string, newer: string): Promise<boolean> {
  const args = ["merge-base", "--is-ancestor", older, newer];
  const result = await git.run({ repository, args });
  if (result.exitCode === 0) return true;
  if (result.exitCode === 1) return false;
  throw new GitError(args, result);
}
