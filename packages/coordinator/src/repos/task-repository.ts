import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { RESTORE_REF } from "@farhand/protocol";
import type { PreparedRepository } from "../domain/ports.ts";
import { type Git, GitError } from "./git.ts";

/** Whether there is a task's repository at all. */
export async function isThere(path: string): Promise<boolean> {
  return await stat(join(path, "HEAD")).then(
    () => true,
    () => false,
  );
}

/** The commit that a name of git's stands for, or null. */
export async function readCommit(git: Git, repository: string, revision: string): Promise<string | null> {
  const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`];
  const result = await git.run({ repository, args });
  if (result.exitCode === 0) return new TextDecoder().decode(result.stdout).trim();
  if (result.exitCode === 1) return null;
  throw new GitError(args, result);
}

/** Whether the repository holds a commit with this id, borrowed or its own. */
export async function hasCommit(git: Git, repository: string, commit: string): Promise<boolean> {
  const answer = await git.read({
    repository,
    args: ["cat-file", "--batch-check=%(objecttype)"],
    stdin: Buffer.from(`${commit}\n`),
  });
  return answer === "commit";
}

/** HEAD of a task's repository is its base branch. Null where the repository is missing or cannot be read. */
export async function readBase(git: Git, path: string): Promise<PreparedRepository | null> {
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

/** A repository with the base branch in it, which borrows the mirror's objects. */
export async function makeTaskRepository(
  git: Git,
  path: string,
  mirror: string,
  base: PreparedRepository,
): Promise<void> {
  const borrowed = relative(join(path, "objects"), join(mirror, "objects"));
  await makeAside(git, path, `${borrowed}\n`, base, async () => undefined);
}

/**
 * A repository like another task's, beside which it lies: with the same base, borrowing from the same mirror, and with
 * a copy of what `commit` needs and the mirror lacks. It needs nothing of the other afterwards.
 */
export async function copyTaskRepository(
  git: Git,
  source: string,
  path: string,
  base: PreparedRepository,
  commit: string,
): Promise<void> {
  const borrowed = await readFile(join(source, "objects", "info", "alternates"), "utf8");
  await makeAside(git, path, borrowed, base, (fresh) => copyCommit(git, source, fresh, commit));
}

/** Brings `commit` with what it needs from another task's repository, and keeps it for the next worker. */
export async function copyCommit(git: Git, source: string, path: string, commit: string): Promise<void> {
  const packs = join(path, "objects", "pack");
  await mkdir(packs, { recursive: true });
  // Local objects are those that are not borrowed. The base is borrowed, so that its past need not be walked.
  await git.read({
    repository: source,
    args: ["pack-objects", "--quiet", "--revs", "--local", "--non-empty", join(packs, "pack")],
    stdin: Buffer.from(`${commit}\n^HEAD\n`),
  });
  await git.read({ repository: path, args: ["update-ref", RESTORE_REF, commit] });
}

/** Made aside and renamed into place, so that it is there in full or not at all. */
async function makeAside(
  git: Git,
  path: string,
  alternates: string,
  base: PreparedRepository,
  fill: (fresh: string) => Promise<void>,
): Promise<void> {
  const fresh = `${path}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  const branch = `--initial-branch=${base.baseBranch}`;
  await git.read({ args: ["init", "--quiet", "--bare", "--template=", branch, "--", fresh] });
  await mkdir(join(fresh, "objects", "info"), { recursive: true });
  await writeFile(join(fresh, "objects", "info", "alternates"), alternates);
  await git.read({
    repository: fresh,
    args: ["update-ref", `refs/heads/${base.baseBranch}`, base.baseCommit],
  });
  await fill(fresh);
  await rm(path, { recursive: true, force: true });
  await rename(fresh, path);
}
