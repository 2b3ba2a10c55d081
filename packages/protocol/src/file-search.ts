import { z } from "zod";
import { CommitId } from "./scalars.ts";

/** Most characters of a text that is looked for in files. */
export const SEARCH_TEXT_MAX_CHARACTERS = 200;
/** Most lines that a search lists. */
export const SEARCH_MAX_LINES = 500;
/** Most lines that it lists of one file. */
export const SEARCH_MAX_LINES_OF_A_FILE = 20;

/**
 * A text to look for within lines, as it stands: no pattern. Capital and small letters (a to z) are the same, unless there
 * is a capital letter in it.
 */
export const SearchText = z
  .string()
  .min(1)
  .max(SEARCH_TEXT_MAX_CHARACTERS)
  .refine((text) => !/[\n\0]/.test(text), "give one line of text, without NUL");
export type SearchText = z.infer<typeof SearchText>;

/** A line in which the text stands. */
export const FoundLine = z.strictObject({
  /** From 1. */
  line: z.int().min(1),
  /** The line, or of a long one the part around the first place; bytes that are not UTF-8 are U+FFFD. */
  text: z.string(),
  /** Something of the line stands before `text`. */
  isCutBefore: z.boolean(),
  /** Something of the line stands after it. */
  isCutAfter: z.boolean(),
  /** Where in `text` it stands, in UTF-16 units; `end` is the unit after it. */
  places: z.array(z.strictObject({ start: z.int().min(0), end: z.int().min(1) })),
});
export type FoundLine = z.infer<typeof FoundLine>;

/** `GET /api/tasks/{id}/files/search?q=&at=`: files that are text and have the text in them, by path. */
export const FileSearch = z.strictObject({
  commit: CommitId,
  files: z.array(
    z.strictObject({
      /** As in a folder's listing. */
      path: z.string(),
      lines: z.array(FoundLine),
      /** There are more such lines in the file than are listed. */
      truncated: z.boolean(),
    }),
  ),
  /** Not everything was looked through: there may be more files than are listed. */
  truncated: z.boolean(),
});
export type FileSearch = z.infer<typeof FileSearch>;
