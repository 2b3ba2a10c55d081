import { type FileSearch, SEARCH_MAX_LINES, SEARCH_MAX_LINES_OF_A_FILE } from "@farhand/protocol";
import { foundLine, needleOf } from "./found-line.ts";
import { type Git, GitError, type GitProcess, isOutOfMemory } from "./git.ts";
import { grepRecords } from "./grep-records.ts";
import { showPath } from "./path-bytes.ts";

export interface SearchBounds {
  /** The longest that a search may take. */
  timeLimitMs: number;
  /** The most that git may write of what it found. */
  maxOutputBytes: number;
}

/** Linux as a whole is searched in less; a folder of ten billion files, which are a dozen objects, in no time at all. */
export const SEARCH_BOUNDS: SearchBounds = { timeLimitMs: 10_000, maxOutputBytes: 32 * 1024 ** 2 };

/**
 * Where a text stands in the text files of a commit. Links and submodules are not followed, and nothing that the
 * repository names is run. Where a bound ends it early, memory among them, what was found until then is given.
 */
export async function searchFiles(
  git: Git,
  repository: string,
  commit: string,
  text: string,
  signal: AbortSignal,
  bounds: SearchBounds = SEARCH_BOUNDS,
): Promise<FileSearch> {
  const needle = needleOf(text);
  const args = [
    "grep",
    // Each thread holds a file.
    "--threads=2",
    "--no-color",
    "--no-textconv",
    "--no-recurse-submodules",
    ...["-I", "-z", "--line-number", "--column", "--full-name"],
    "--fixed-strings",
    ...(needle.ignoresCase ? ["--ignore-case"] : []),
    // Whatever it begins with is what is looked for.
    ...["-e", text, commit, "--"],
  ];
  const { timeLimitMs, maxOutputBytes } = bounds;
  const child = git.start({ repository, args, signal, timeLimitMs });
  const files: FileSearch["files"] = [];
  let isCutOff = false;
  let isWhole = false;
  try {
    let last: Uint8Array | null = null;
    let lines = 0;
    const output = upTo(child, maxOutputBytes, () => {
      isCutOff = true;
    });
    for await (const record of grepRecords(output, commit, needle.bytes.byteLength)) {
      if (record.path === null) {
        isCutOff = true;
        continue;
      }
      const isSame = last !== null && Buffer.compare(last, record.path) === 0;
      const file = isSame ? files.at(-1) : undefined;
      if (file && file.lines.length === SEARCH_MAX_LINES_OF_A_FILE) {
        file.truncated = true;
        continue;
      }
      if (lines === SEARCH_MAX_LINES) {
        isCutOff = true;
        if (file) file.truncated = true;
        break;
      }
      const found = foundLine(record, needle);
      if (file) file.lines.push(found);
      else files.push({ path: showPath(record.path), lines: [found], truncated: false });
      last = record.path;
      lines++;
    }
    isWhole = !isCutOff;
  } finally {
    if (!isWhole) child.stop();
    await child.ended;
  }
  signal.throwIfAborted();
  const end = await child.ended;
  const lacked = isOutOfMemory(end.stderr) || end.stderr.includes("unable to read");
  // 1 is that nothing was found.
  if (!isCutOff && !end.timedOut && !lacked && end.exitCode !== 0 && end.exitCode !== 1)
    throw new GitError(args, end);
  return { commit, files, truncated: isCutOff || end.timedOut || lacked };
}

/** What git writes, until it is too much. */
async function* upTo(
  child: GitProcess,
  maxBytes: number,
  onTooMuch: () => void,
): AsyncGenerator<Uint8Array, void> {
  let sizeBytes = 0;
  for await (const chunk of child.stdout) {
    const left = maxBytes - sizeBytes;
    sizeBytes += chunk.byteLength;
    // However much comes at once, what there is room for is read.
    yield left < chunk.byteLength ? chunk.subarray(0, left) : chunk;
    if (sizeBytes > maxBytes) return onTooMuch();
  }
}
