import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { StoredRepository } from "./manifest.ts";
import { type BackupTools, type Report, readGit } from "./tools.ts";

/**
 * Makes bare repositories of bundles, in the manifest's order: whatever is borrowed from comes before what borrows.
 * Bundles are removed as they are used up.
 */
export async function restoreRepositories(
  tools: BackupTools,
  repositories: readonly StoredRepository[],
  options: {
    /** Folder with the members of the archive. */
    from: string;
    /** The `repos` to be. */
    into: string;
    report: Report;
    signal: AbortSignal;
  },
): Promise<void> {
  for (const [index, stored] of repositories.entries()) {
    options.report({ step: "repositories", detail: stored.path, done: index, total: repositories.length });
    const bundle = stored.bundle === null ? null : join(options.from, stored.bundle);
    await restore(tools, stored, { bundle, into: options.into, signal: options.signal });
    if (bundle !== null) await rm(bundle);
  }
}

async function restore(
  tools: BackupTools,
  stored: StoredRepository,
  { bundle, into, signal }: { bundle: string | null; into: string; signal: AbortSignal },
): Promise<void> {
  const repository = join(into, stored.path);
  await mkdir(repository, { recursive: true });
  const init = ["init", "--quiet", "--bare", "--template="];
  await readGit(tools, { args: [...init, "--", repository], signal });
  await readGit(tools, { repository, args: ["symbolic-ref", "HEAD", stored.head], signal });
  if (stored.borrows.length > 0) {
    const objects = join(repository, "objects");
    await mkdir(join(objects, "info"), { recursive: true });
    const lines = stored.borrows.map((lender) => `${relative(objects, join(into, lender, "objects"))}\n`);
    await writeFile(join(objects, "info", "alternates"), lines.join(""));
  }
  const setRef = (name: string, commit: string) =>
    readGit(tools, { repository, args: ["update-ref", name, commit], signal });
  // Git takes a bundle only onto commits that a ref of the repository holds.
  if (stored.base !== null) await setRef(stored.head, stored.base);
  if (bundle !== null) {
    // What was taken in once is taken in again, also where it is not of today's making.
    const fetch = ["-c", "fetch.fsckObjects=false", "fetch", "--quiet", "--no-tags", "--no-write-fetch-head"];
    const plain = ["--no-auto-maintenance", "--no-recurse-submodules"];
    await readGit(tools, { repository, args: [...fetch, ...plain, "--", bundle, "+refs/*:refs/*"], signal });
  }
  const listing = await readGit(tools, {
    repository,
    args: ["for-each-ref", "--format=%(objectname) %(refname)"],
    signal,
  });
  const present = new Set(listing.split("\n"));
  for (const [name, commit] of Object.entries(stored.refs))
    if (!present.has(`${commit} ${name}`)) await setRef(name, commit);
}
