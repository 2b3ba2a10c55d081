import { mkdir, readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { entriesOf, isMissing } from "./files.ts";
import { borrowedFrom, isRepositoryPath, type StoredRepository } from "./manifest.ts";
import { type BackupTools, type Report, readGit } from "./tools.ts";

/** A tip that moves while it is bundled is tried again; a worker pushes one every few seconds at most. */
const MOST_TRIES = 5;
/** More tips than fit into a command line: what builds on such a mirror is stored whole. */
const MOST_TIPS = 20_000;

export interface SavedRepositories {
  repositories: StoredRepository[];
  /** Sentences on repositories that could not be read, and are not in the archive. */
  warnings: string[];
}

interface SaveOptions {
  /** The data folder's `repos`. */
  from: string;
  /** Folder with the members of the archive to be. */
  into: string;
  /** Commits that must be in a task's bundle although no ref may hold them any more. */
  commits: ReadonlyMap<string, ReadonlySet<string>>;
  report: Report;
  signal: AbortSignal;
}

/**
 * Bundles every mirror, then every task's repository on top of the mirror that it borrows from. In this order, a
 * bundle is built only on what a mirror's bundle is known to hold.
 */
export async function saveRepositories(tools: BackupTools, options: SaveOptions): Promise<SavedRepositories> {
  // The tasks first: a mirror that was made for one of them is then among the mirrors.
  const tasks = await findRepositories(options.from, "tasks");
  const mirrors = await findRepositories(options.from, "mirrors");
  await mkdir(join(options.into, "repos"));
  const saved = new Map<string, StoredRepository>();
  const warnings: string[] = [];
  const all = [...mirrors, ...tasks];
  for (const [index, path] of all.entries()) {
    options.report({ step: "repositories", detail: path, done: index, total: all.length });
    const source = await readRepository(tools, path, options);
    if (source === null) continue;
    try {
      saved.set(path, await save(tools, source, saved, options));
    } catch (error) {
      options.signal.throwIfAborted();
      if (isDiskFull(error)) throw error;
      warnings.push(
        `${path} cannot be read and is left out: ${error instanceof Error ? error.message : error}`,
      );
    }
  }
  options.report({ step: "repositories", detail: "", done: all.length, total: all.length });
  return { repositories: [...saved.values()], warnings };
}

const isDiskFull = (error: unknown) => error instanceof Error && /ENOSPC|No space left/.test(error.message);

/** Bare repositories below a folder of `repos/`, by their place. Nothing of half-made ones. */
async function findRepositories(repos: string, folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await entriesOf(join(repos, folder))) {
    if (!entry.isDirectory()) continue;
    const path = posix.join(folder, entry.name);
    if (isRepositoryPath(path)) found.push(path);
    else found.push(...(await findRepositories(repos, path)));
  }
  return found;
}

interface Source {
  path: string;
  head: string;
  borrows: string[];
  /** Commits beside those of its refs. */
  commits: string[];
}

/** Null for one that was removed or is only being made. */
async function readRepository(
  tools: BackupTools,
  path: string,
  options: SaveOptions,
): Promise<Source | null> {
  const repository = join(options.from, path);
  const head = /^ref: (refs\/\S+)\n$/.exec(await textOf(join(repository, "HEAD")))?.[1];
  if (head === undefined) return null;
  const alternates = await textOf(join(repository, "objects", "info", "alternates"));
  const borrows = alternates
    .split("\n")
    .map((line) => borrowedFrom(path, line))
    .filter((lender) => lender !== null);
  const commits: string[] = [];
  for (const commit of options.commits.get(posix.basename(path, ".git")) ?? []) {
    const { signal } = options;
    const { exitCode } = await tools.git({
      repository,
      args: ["cat-file", "-e", `${commit}^{commit}`],
      signal,
    });
    if (exitCode === 0) commits.push(commit);
  }
  return { path, head, borrows, commits };
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (isMissing(error)) return "";
    throw error;
  }
}

async function save(
  tools: BackupTools,
  source: Source,
  saved: ReadonlyMap<string, StoredRepository>,
  options: SaveOptions,
): Promise<StoredRepository> {
  const bundle = `repos/${saved.size + 1}.bundle`;
  const base = await findBase(tools, source, saved, options);
  const made = await makeBundle(tools, source, { bundle: join(options.into, bundle), base, options });
  const { path, head, borrows } = source;
  return {
    path,
    head,
    borrows: borrows.filter((lender) => saved.has(lender)),
    base: made.base,
    bundle: made.isEmpty ? null : bundle,
    refs: Object.fromEntries(made.refs),
  };
}

/** The commit at HEAD, if a mirror that is borrowed from has it in its bundle. */
async function findBase(
  tools: BackupTools,
  { path, borrows }: Source,
  saved: ReadonlyMap<string, StoredRepository>,
  { from, signal }: SaveOptions,
): Promise<string | null> {
  const repository = join(from, path);
  const args = ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"];
  const { exitCode, stdout } = await tools.git({ repository, args, signal });
  if (exitCode !== 0) return null;
  const base = new TextDecoder().decode(stdout).trim();
  for (const lender of borrows) {
    const tips = [...new Set(Object.values(saved.get(lender)?.refs ?? {}))];
    if (tips.length === 0 || tips.length > MOST_TIPS) continue;
    const missing = await tools.git({
      repository: join(from, lender),
      args: ["rev-list", "--max-count=1", base, "--not", ...tips],
      signal,
    });
    if (missing.exitCode === 0 && missing.stdout.length === 0) return base;
  }
  return null;
}

interface MadeBundle {
  refs: Map<string, string>;
  base: string | null;
  isEmpty: boolean;
}

/** Bundles all refs and the commits that are wanted beside them, without what `base` reaches. */
async function makeBundle(
  tools: BackupTools,
  source: Source,
  { bundle, base, options }: { bundle: string; base: string | null; options: SaveOptions },
): Promise<MadeBundle> {
  const { commits } = source;
  const repository = join(options.from, source.path);
  const { signal } = options;
  for (let attempt = 1; ; attempt += 1) {
    const before = parseRefs(
      await readGit(tools, {
        repository,
        args: ["for-each-ref", "--format=%(objectname) %(refname)"],
        signal,
      }),
    );
    const wanted = await notReachable(tools, repository, {
      base,
      commits: [...before.values(), ...commits],
      signal,
    });
    if (wanted.size === 0) return { refs: before, base, isEmpty: true };
    const isNamed = [...before.values()].some((commit) => wanted.has(commit));
    // Git makes no bundle without a ref in it: then the base's own, and so all that it reaches, is in it too.
    if (!isNamed && base !== null) return await makeBundle(tools, source, { bundle, base: null, options });
    const extra = commits.filter((commit) => wanted.has(commit));
    const args = [
      "bundle",
      "create",
      "--quiet",
      bundle,
      "--all",
      ...extra,
      ...(base === null ? [] : [`^${base}`]),
    ];
    const made = await tools.git({ repository, args, signal });
    const heads =
      made.exitCode === 0 ? await readGit(tools, { args: ["bundle", "list-heads", bundle], signal }) : "";
    const refs = parseRefs(heads);
    // What is not in it is reachable from the base, or moved while git was looking.
    const isComplete = [...before].every(([name, commit]) => refs.has(name) || !wanted.has(commit));
    if (made.exitCode === 0 && (isComplete || attempt === MOST_TRIES)) {
      for (const [name, commit] of before) if (!wanted.has(commit)) refs.set(name, refs.get(name) ?? commit);
      return { refs, base, isEmpty: false };
    }
    if (attempt === MOST_TRIES) throw new Error(made.stderr.trim().slice(-500));
  }
}

/** Those of the commits that `base` does not reach. */
async function notReachable(
  tools: BackupTools,
  repository: string,
  { base, commits, signal }: { base: string | null; commits: string[]; signal: AbortSignal },
): Promise<Set<string>> {
  const wanted = new Set<string>();
  for (const commit of new Set(commits)) {
    if (commit === base) continue;
    if (base !== null) {
      const args = ["merge-base", "--is-ancestor", commit, base];
      const { exitCode } = await tools.git({ repository, args, signal });
      if (exitCode === 0) continue;
    }
    wanted.add(commit);
  }
  return wanted;
}

/** Lines of a commit and a ref; HEAD, which is none, is left out. */
function parseRefs(text: string): Map<string, string> {
  const refs = new Map<string, string>();
  for (const line of text.split("\n")) {
    const match = /^([0-9a-f]{40,64}) (refs\/\S+)$/.exec(line);
    if (match?.[1] && match[2]) refs.set(match[2], match[1]);
  }
  return refs;
}
