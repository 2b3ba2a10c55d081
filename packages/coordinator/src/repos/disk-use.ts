import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

/** `st_blocks` counts these, whatever the file system's own blocks are. */
const BLOCK_BYTES = 512;

/** How many files are looked at together. */
const BATCH = 64;

/** Bytes that a folder takes on the disk with all that is in it; 0 where there is none. Links are not followed. */
export async function diskUse(path: string): Promise<number> {
  const names = await whereThere(readdir(path, { recursive: true }), []);
  let sizeBytes = await sizeOf(path);
  for (let start = 0; start < names.length; start += BATCH) {
    const batch = names.slice(start, start + BATCH).map((name) => sizeOf(join(path, name)));
    for (const size of await Promise.all(batch)) sizeBytes += size;
  }
  return sizeBytes;
}

async function sizeOf(path: string): Promise<number> {
  return await whereThere(
    lstat(path).then((stats) => stats.blocks * BLOCK_BYTES),
    0,
  );
}

/** What is being worked on may lose a file between the listing and the look at it. */
async function whereThere<T>(work: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return otherwise;
    throw error;
  }
}
