import type { ReviewComment } from "@farhand/client/app";
import type { DiffFile } from "./diff-file.ts";
import { quoteOf } from "./selection.ts";

/**
 * Whether a comment's line numbers are those of another content of the file than the one that is seen: the task has gone on, or the
 * comment was made on other turns' changes. Where the content is not known, the lines themselves tell.
 * @param file null where the diff has no such file
 */
export function isOutdated(comment: ReviewComment, file: DiffFile | null): boolean {
  if (file === null) return true;
  const { path, side, startLine, endLine, blob, quote } = comment;
  const seen = side === "old" ? file.oldBlob : file.newBlob;
  // Git shortens its ids as far as a repository allows, which can change.
  if (blob && seen) return !blob.startsWith(seen) && !seen.startsWith(blob);
  return quoteOf(file, { path, side, from: startLine, to: endLine }) !== quote;
}
