import { type FarhandError, failure } from "../domain/failure.ts";
import { TarError } from "./tar.ts";

/** The archive cannot be used, for a reason that stands in `why`. */
export function badArchive(file: string, why: string, cause?: unknown): FarhandError {
  return failure(
    "invalid_request",
    `${file} cannot be restored: ${why}. Nothing was changed.`,
    "Copy the backup again from where it was kept, or take another one.",
    { cause },
  );
}

export const notWhole = (file: string, cause: unknown): FarhandError =>
  badArchive(file, "it is no archive of `farhand backup`, or it is cut off or damaged", cause);

/** What the system or a program said about a full disk becomes a failure with a sentence; all else stays as it is. */
export function explained(error: unknown, folder: string): unknown {
  const text = error instanceof Error ? `${error.message} ${"code" in error ? error.code : ""}` : "";
  if (/ENOSPC|EDQUOT|No space left on device|database or disk is full/.test(text))
    return failure("disk_full", `The disk of ${folder} is full.`, "Make room, then run this again.", {
      cause: error,
    });
  if (error instanceof Error && error.name === "SQLiteError")
    return failure(
      "internal",
      `The database cannot be read: ${error.message}.`,
      "Restore an earlier backup; one of this database would be no better than what is there.",
      { cause: error },
    );
  if (error instanceof TarError)
    return failure("internal", `tar failed: ${error.message}`, "Install GNU tar and gzip, then try again.", {
      cause: error,
    });
  return error;
}
