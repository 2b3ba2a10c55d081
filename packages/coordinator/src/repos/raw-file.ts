import { failure } from "../domain/failure.ts";
import { sizeOfBlob, streamBlob } from "./blob.ts";
import type { Git } from "./git.ts";
import { parsePath } from "./path-bytes.ts";
import { findEntry, noSuchPath } from "./tree.ts";

const nouns = { folder: "a folder", symlink: "a link", submodule: "a submodule" };

/** A file's bytes, streamed. */
export async function openFile(
  git: Git,
  repository: string,
  commit: string,
  path: string,
  signal: AbortSignal,
): Promise<{ sizeBytes: number; isBinary: boolean; body: ReadableStream<Uint8Array> }> {
  const parts = parsePath(path);
  const entry = await findEntry(git, repository, commit, parts);
  if (entry === null) throw noSuchPath(parts);
  if (entry.kind !== "file") {
    throw failure(
      "invalid_request",
      `The path is that of ${nouns[entry.kind]}, which has no bytes to give.`,
      "Ask for a file; the files route shows what everything else is.",
    );
  }
  const sizeBytes = await sizeOfBlob(git, repository, entry.object);
  return { sizeBytes, ...(await streamBlob(git, repository, entry.object, signal)) };
}
