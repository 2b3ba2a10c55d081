import { posix } from "node:path";
import { CommitId } from "@farhand/protocol";
import { z } from "zod";

/** The version of the archive's form. An archive of another one is refused. */
export const FORMAT = 1;

export const MANIFEST = "manifest.json";
export const DATABASE = "agent.db";
/** Folders of the data folder whose files are in an archive as they are. */
export const FILE_FOLDERS = ["logs", "artifacts"] as const;

const ROOTS = ["repos", ...FILE_FOLDERS];

/** A file's place below the data folder: no way out of it, nothing hidden in it, and in a folder that we know. */
export function isMemberPath(path: string): boolean {
  if (path === DATABASE) return true;
  const parts = path.split("/");
  return parts.length > 1 && ROOTS.includes(parts[0] ?? "") && parts.every(isPlainPart);
}

function isPlainPart(part: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  return part !== "" && part !== "." && part !== ".." && !/[\u0000-\u001f\u007f\\]/.test(part);
}

/** A bare repository's place below `repos/`. */
export function isRepositoryPath(path: string): boolean {
  return (
    /^(mirrors\/.+|tasks\/t_[0-9a-z]{26})\.git$/.test(path) &&
    path.split("/").every((part) => isPlainPart(part) && !part.startsWith("."))
  );
}

/**
 * The repository below `repos/` that a line of `objects/info/alternates` names; null for one that lies elsewhere.
 * @param repository place of the repository that has the line, below `repos/`
 */
export function borrowedFrom(repository: string, line: string): string | null {
  if (line.startsWith("/")) return null;
  const objects = posix.join(repository, "objects", line);
  const lender = posix.dirname(objects);
  return posix.basename(objects) === "objects" && isRepositoryPath(lender) ? lender : null;
}

const Ref = z.string().regex(/^refs\/[^\s~^:?*[\\]+$/);

export const StoredRepository = z.strictObject({
  /** Below `repos/`. */
  path: z.string().refine(isRepositoryPath),
  /** Member with its objects; null where it has none of its own. */
  bundle: z.string().refine(isMemberPath).nullable(),
  /** What its HEAD names. */
  head: Ref,
  /** The commit that the bundle builds on, out of the repositories that are borrowed from; null for a whole one. */
  base: CommitId.nullable(),
  /** Repositories below `repos/` whose objects it borrows. */
  borrows: z.array(z.string().refine(isRepositoryPath)),
  refs: z.record(Ref, CommitId),
});
export type StoredRepository = z.infer<typeof StoredRepository>;

export const Member = z.strictObject({
  path: z.string().refine(isMemberPath),
  sizeBytes: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type Member = z.infer<typeof Member>;

/** The first member of an archive: what is in it. */
export const Manifest = z.strictObject({
  format: z.literal(FORMAT),
  /** The Farhand that wrote it. */
  version: z.string(),
  /** Last migration of the database's schema. */
  schema: z.string(),
  createdAt: z.iso.datetime(),
  /** Every other member. */
  members: z.array(Member),
  repositories: z.array(StoredRepository),
});
export type Manifest = z.infer<typeof Manifest>;
