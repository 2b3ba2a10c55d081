import { z } from "zod";
import { CommitId } from "./scalars.ts";

/** Most of a file that comes inside JSON, in bytes; the raw route gives any file whole. */
export const FILE_TEXT_MAX_BYTES = 1024 * 1024;
/** Most entries of a folder in one answer. */
export const TREE_MAX_ENTRIES = 10_000;
/** Most files of a diff that are listed; the counts are of all. */
export const DIFF_MAX_FILES = 10_000;
/** Most bytes of a diff's text. */
export const DIFF_TEXT_MAX_BYTES = 1024 * 1024;

export const FileKind = z.enum(["file", "folder", "symlink", "submodule"]);
export type FileKind = z.infer<typeof FileKind>;

/** One entry of a folder. */
export const TreeEntry = z.strictObject({
  name: z.string(),
  /**
   * Path from the root, to be given back as `path`. Bytes that are not UTF-8 stand in it as `%XX`, and a `%` of the
   * name as `%25`.
   */
  path: z.string(),
  kind: FileKind,
  isExecutable: z.boolean(),
  /** Null for folders and submodules. */
  sizeBytes: z.int().min(0).nullable(),
});
export type TreeEntry = z.infer<typeof TreeEntry>;

/** `GET /api/tasks/{id}/files?at=&path=`: a folder, or a file with its text where it has one. */
export const FileNode = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("folder"),
    commit: CommitId,
    path: z.string(),
    entries: z.array(TreeEntry),
    /** There are more entries than are listed. */
    truncated: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal("file"),
    commit: CommitId,
    path: z.string(),
    isExecutable: z.boolean(),
    sizeBytes: z.int().min(0),
    isBinary: z.boolean(),
    /** The file's first MiB as UTF-8; null for a binary file. */
    text: z.string().nullable(),
    truncated: z.boolean(),
  }),
  /** A link is shown, never followed. */
  z.strictObject({ kind: z.literal("symlink"), commit: CommitId, path: z.string(), target: z.string() }),
  z.strictObject({ kind: z.literal("submodule"), commit: CommitId, path: z.string(), submodule: CommitId }),
]);
export type FileNode = z.infer<typeof FileNode>;

export const ChangedFile = z.strictObject({
  /** As in {@link TreeEntry}. */
  path: z.string(),
  status: z.enum(["added", "modified", "deleted", "renamed", "copied", "type_changed"]),
  /** The path before, of a renamed or copied file. */
  oldPath: z.string().nullable(),
  /** Null for binary files. */
  insertions: z.int().min(0).nullable(),
  deletions: z.int().min(0).nullable(),
});
export type ChangedFile = z.infer<typeof ChangedFile>;

/** `GET /api/tasks/{id}/diff?from=&to=&path=`: from `base` to `latest` when nothing else is named. */
export const TaskDiff = z.strictObject({
  from: CommitId,
  to: CommitId,
  files: z.array(ChangedFile),
  /** There are more files than are listed. */
  filesTruncated: z.boolean(),
  /** Unified diff. */
  text: z.string(),
  /** The diff was too large to be given whole; the counts are of the whole all the same. */
  truncated: z.boolean(),
  filesChanged: z.int().min(0),
  insertions: z.int().min(0),
  deletions: z.int().min(0),
});
export type TaskDiff = z.infer<typeof TaskDiff>;
