import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Remote } from "../domain/ports.ts";
import { type FetchBounds, withinRoom } from "./fetch-bounds.ts";
import type { Git, GitResult } from "./git.ts";
import { classifyGitFailure } from "./git-failure.ts";

/** The longest that one fetch or push may take, however well it goes on. */
export const TRANSFER_LIMIT_MS = 30 * 60_000;

export interface FetchedMirror {
  /** Absolute path of the bare mirror. */
  path: string;
  /** Branch name → commit, in git's order. */
  branches: ReadonlyMap<string, string>;
  /** What the remote's HEAD points to; null when it is detached, hidden, or was not asked for. */
  headBranch: string | null;
}

/**
 * Brings a mirror's branches up to date, making the mirror where there is none. The caller holds its lock. A
 * mirror that a crash left half-made or damaged is mended in place: task repositories borrow its objects, so
 * it is never deleted.
 */
export async function fetchMirror(
  git: Git,
  path: string,
  remote: Remote,
  options: { needsHead: boolean; bounds: FetchBounds; signal: AbortSignal },
): Promise<FetchedMirror> {
  const { signal } = options;
  await prepareFolder(git, path, signal);
  const failed = new AbortController();
  const headSignal = AbortSignal.any([signal, failed.signal]);
  // Whatever keeps it from answering keeps the fetch from it too, and that one tells.
  const head = options.needsHead ? remoteHead(git, remote, headSignal).catch(() => null) : null;
  try {
    const branches = await withinRoom({ path, url: remote.url }, options.bounds, signal, (signal) =>
      fetchOrMend(git, path, remote, options.bounds, signal),
    );
    return { path, branches, headBranch: await head };
  } catch (error) {
    failed.abort();
    await head;
    // What did not become part of the mirror only takes room.
    await removeLeftovers(path);
    throw error;
  }
}

async function fetchOrMend(
  git: Git,
  path: string,
  remote: Remote,
  bounds: FetchBounds,
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const fetched = await fetchBranches(git, path, remote, bounds, signal, []);
  if (fetched.damage === null) return fetched.branches;
  // All but the objects is small and comes back with the next fetch.
  const rest = ["HEAD", "config", "packed-refs", "refs"];
  await Promise.all(rest.map((name) => rm(join(path, name), { recursive: true, force: true })));
  await initialise(git, path, signal);
  const again = await fetchBranches(git, path, remote, bounds, signal, ["--refetch"]);
  if (again.damage === null) return again.branches;
  throw new Error(`the mirror ${path} cannot be mended: ${again.damage}`);
}

type Fetched = { damage: null; branches: Map<string, string> } | { damage: string };

async function fetchBranches(
  git: Git,
  path: string,
  remote: Remote,
  { maxMemoryBytes }: FetchBounds,
  signal: AbortSignal,
  options: string[],
): Promise<Fetched> {
  const result = await git.run({
    repository: path,
    remote,
    signal,
    timeLimitMs: TRANSFER_LIMIT_MS,
    maxMemoryBytes,
    args: [
      "fetch",
      ...options,
      "--prune",
      "--no-tags",
      "--no-write-fetch-head",
      "--no-recurse-submodules",
      "--no-auto-maintenance",
      "--no-progress",
      "--",
      remote.url,
      "+refs/heads/*:refs/heads/*",
    ],
  });
  if (result.exitCode !== 0) {
    const known = classifyGitFailure({
      operation: "fetch",
      url: remote.url,
      hasCredential: remote.credential !== null,
      output: result.stderr,
      timedOut: result.timedOut,
    });
    if (known !== null) throw known;
    return { damage: reasonOf(result) };
  }
  // Asking for the type makes git look at each object: a ref to a lost one is found here.
  const listing = await git.run({
    repository: path,
    signal,
    args: ["for-each-ref", "--format=%(objectname) %(objecttype) %(refname:lstrip=2)", "refs/heads/"],
  });
  if (listing.exitCode !== 0) return { damage: reasonOf(listing) };
  const branches = new Map<string, string>();
  for (const line of new TextDecoder().decode(listing.stdout).split("\n")) {
    const [commit, type, name] = line.split(" ");
    if (commit !== undefined && type === "commit" && name !== undefined) branches.set(name, commit);
  }
  return { damage: null, branches };
}

async function remoteHead(git: Git, remote: Remote, signal: AbortSignal): Promise<string | null> {
  const result = await git.run({
    remote,
    signal,
    timeLimitMs: TRANSFER_LIMIT_MS,
    args: ["ls-remote", "--symref", "--", remote.url, "HEAD"],
  });
  if (result.exitCode !== 0) return null;
  return /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(new TextDecoder().decode(result.stdout))?.[1] ?? null;
}

async function prepareFolder(git: Git, path: string, signal: AbortSignal): Promise<void> {
  const needed = await Promise.all(
    ["HEAD", "config", "objects", "refs"].map((name) => exists(join(path, name))),
  );
  if (needed.includes(false)) await initialise(git, path, signal);
  else await removeLeftovers(path);
}

async function initialise(git: Git, path: string, signal: AbortSignal): Promise<void> {
  await mkdir(path, { recursive: true });
  await removeLeftovers(path);
  const args = ["init", "--quiet", "--bare", "--template=", "--", path];
  let result = await git.run({ signal, args });
  if (result.exitCode !== 0) {
    await rm(join(path, "config"), { force: true });
    result = await git.run({ signal, args });
  }
  if (result.exitCode === 0) return;
  throw (
    classifyGitFailure({
      operation: "fetch",
      url: path,
      hasCredential: false,
      output: result.stderr,
      timedOut: false,
    }) ?? new Error(`the mirror ${path} cannot be made: ${reasonOf(result)}`)
  );
}

/** Lock files and half-written packs of a git that was killed. No other git works here: we hold the lock. */
async function removeLeftovers(path: string): Promise<void> {
  const removeIn = async (folder: string, pattern: RegExp, recursive: boolean) => {
    const names = await readdir(join(path, folder), { recursive }).catch(() => []);
    const stale = names.filter((name) => pattern.test(name));
    await Promise.all(stale.map((name) => rm(join(path, folder, name), { force: true })));
  };
  await Promise.all([
    removeIn(".", /^[^/]+\.lock$/, false),
    removeIn("refs", /\.lock$/, true),
    removeIn("objects/pack", /^(tmp_|\.tmp-)/, false),
  ]);
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

function reasonOf(result: GitResult): string {
  return result.stderr.trim().slice(-500) || `exit code ${result.exitCode}`;
}
