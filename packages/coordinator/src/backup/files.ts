import type { Dirent } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { join, posix } from "node:path";
import type { Member } from "./manifest.ts";

export interface FoundFile {
  /** Below the folder that was looked through. */
  path: string;
  isPlain: boolean;
}

/** Everything below a folder that is no folder itself, in a fixed order; nothing where the folder is missing. */
export async function filesBelow(folder: string, prefix = ""): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (const entry of await entriesOf(join(folder, prefix))) {
    const path = posix.join(prefix, entry.name);
    if (entry.isDirectory()) found.push(...(await filesBelow(folder, path)));
    else found.push({ path, isPlain: entry.isFile() });
  }
  return found;
}

/** A folder's entries by name; none where it is missing. */
export async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

export const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ENOENT";

/** Size and checksum of a file, read once. */
export async function describeFile(file: string): Promise<Omit<Member, "path">> {
  const hasher = new Bun.CryptoHasher("sha256");
  let sizeBytes = 0;
  for await (const chunk of Bun.file(file).stream()) {
    hasher.update(chunk);
    sizeBytes += chunk.byteLength;
  }
  return { sizeBytes, sha256: hasher.digest("hex") };
}

/** Copies what a file holds now; somebody may go on adding to it. False where it has gone meanwhile. */
export async function copyFile(from: string, to: string): Promise<boolean> {
  try {
    await using source = await open(from);
    const { size } = await source.stat();
    await using target = await open(to, "wx", 0o600);
    const buffer = Buffer.alloc(1024 * 1024);
    for (let position = 0; position < size; ) {
      const { bytesRead } = await source.read(buffer, 0, Math.min(buffer.length, size - position), position);
      if (bytesRead === 0) break;
      await target.writeFile(buffer.subarray(0, bytesRead));
      position += bytesRead;
    }
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
