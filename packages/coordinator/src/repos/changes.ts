import { type ChangedFile, DIFF_MAX_FILES, DIFF_TEXT_MAX_BYTES, type TaskDiff } from "@farhand/protocol";
import type { DiffStats } from "../domain/ports.ts";
import { type Change, parseDiff } from "./diff-records.ts";
import { type Git, type GitCommand, GitError } from "./git.ts";
import { isWithin, joinPath, parsePath, showPath } from "./path-bytes.ts";
import { COMPARISON_MAX_MEMORY_BYTES } from "./too-many-changes.ts";
import { findEntry, noSuchPath } from "./tree.ts";

/**
 * No program that attributes or configuration could name is run for a diff, and nothing is left out of it. Renames
 * with changes are looked for among at most this many files on each side, since the work grows with the square.
 */
const SAFE_DIFF = [
  "--no-color",
  "--no-ext-diff",
  "--no-textconv",
  "--no-relative",
  "--find-renames",
  "-l400",
  "--submodule=short",
  "--ignore-submodules=none",
  "--src-prefix=a/",
  "--dst-prefix=b/",
];

/** Most bytes of paths that git is given as arguments beside the one that was asked for. */
const PARTNERS_MAX_BYTES = 64 * 1024;

/** Two commits of a repository; of some paths alone where they are named. */
interface Comparison {
  repository: string;
  from: string;
  to: string;
  paths?: Uint8Array[];
}

export async function readStats(git: Git, comparison: Comparison): Promise<DiffStats> {
  const { filesChanged, insertions, deletions } = await list(git, comparison, 0);
  return { filesChanged, insertions, deletions };
}

/** What changed between two commits; of one path when named. Throws `not_found` for a path in neither. */
export async function readChanges(
  git: Git,
  comparison: Comparison,
  path: string | null,
): Promise<Omit<TaskDiff, "from" | "to">> {
  const parts = path === null ? [] : parsePath(path);
  const limited = parts.length === 0 ? comparison : await limitTo(git, comparison, parts);
  const listed = await list(git, limited, DIFF_MAX_FILES);
  return { ...listed, ...(await readText(git, limited)) };
}

async function readText(git: Git, comparison: Comparison): Promise<{ text: string; truncated: boolean }> {
  const command = diff(comparison, ["--patch"]);
  const result = await git.run({ ...command, maxStdoutBytes: DIFF_TEXT_MAX_BYTES });
  if (result.exitCode !== 0 && !result.isTruncated) throw new GitError(command.args, result);
  // As a stream, so that a character which the limit cuts in two is left out.
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return {
    text: decoder.decode(result.stdout, { stream: result.isTruncated }),
    truncated: result.isTruncated,
  };
}

/** The first `maxFiles` that changed, and the counts of all. */
async function list(
  git: Git,
  comparison: Comparison,
  maxFiles: number,
): Promise<DiffStats & { files: ChangedFile[]; filesTruncated: boolean }> {
  const files = new Map<string, ChangedFile>();
  const stats: DiffStats = { filesChanged: 0, insertions: 0, deletions: 0 };
  // Git writes how each file changed first, and then the counts of each.
  for await (const record of parseDiff(git.records(diff(comparison, ["--raw", "--numstat", "-z"])))) {
    const key = Buffer.from(record.path).toString("latin1");
    if (record.type === "change") {
      stats.filesChanged++;
      if (files.size < maxFiles) files.set(key, changedFile(record));
    } else {
      const { insertions, deletions } = record;
      stats.insertions += insertions ?? 0;
      stats.deletions += deletions ?? 0;
      const file = files.get(key);
      if (file !== undefined) files.set(key, { ...file, insertions, deletions });
    }
  }
  return { ...stats, files: [...files.values()], filesTruncated: stats.filesChanged > files.size };
}

function changedFile({ path, oldPath, status }: Change): ChangedFile {
  return {
    path: showPath(path),
    status,
    oldPath: oldPath === null ? null : showPath(oldPath),
    insertions: null,
    deletions: null,
  };
}

/**
 * Limits a comparison to a path. What was renamed to there, or from there, stays a rename: git would take a file whose
 * other path it is not told for a new one.
 */
async function limitTo(git: Git, comparison: Comparison, parts: Uint8Array[]): Promise<Comparison> {
  const path = joinPath(parts);
  const partners: Uint8Array[] = [];
  let isThere = false;
  for await (const record of parseDiff(git.records(diff(comparison, ["--raw", "-z"])))) {
    if (record.type !== "change") continue;
    const isNewWithin = isWithin(path, record.path);
    const isOldWithin = record.oldPath !== null && isWithin(path, record.oldPath);
    if (isNewWithin || isOldWithin) isThere = true;
    if (isNewWithin && !isOldWithin && record.oldPath !== null) partners.push(record.oldPath);
    if (isOldWithin && !isNewWithin) partners.push(record.path);
  }
  if (!isThere) await requirePath(git, comparison, parts);
  const partnersBytes = partners.reduce((sum, partner) => sum + partner.byteLength + 1, 0);
  return { ...comparison, paths: partnersBytes > PARTNERS_MAX_BYTES ? [path] : [path, ...partners] };
}

async function requirePath(
  git: Git,
  { repository, from, to }: Comparison,
  parts: Uint8Array[],
): Promise<void> {
  for (const commit of [to, from]) {
    if ((await findEntry(git, repository, commit, parts)) !== null) return;
  }
  throw noSuchPath(parts);
}

function diff({ repository, from, to, paths }: Comparison, format: string[]): GitCommand {
  const args = ["diff", ...SAFE_DIFF, ...format, from, to, "--"];
  return {
    repository,
    args,
    maxMemoryBytes: COMPARISON_MAX_MEMORY_BYTES,
    ...(paths === undefined ? {} : { lastArguments: paths }),
  };
}
