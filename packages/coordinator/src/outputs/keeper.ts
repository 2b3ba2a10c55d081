import { createHash, randomUUID } from "node:crypto";
import { link, mkdir, open, readdir, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { OutputKeeper } from "../domain/output.ts";

/** What the outputs of one task may take together. An attempt may report as much of them as it likes. */
const TASK_MAX_BYTES = 64 * 1024 ** 2;
const TASK_MAX_FILES = 2_000;
const KEPT = ".txt";

/**
 * Each task's outputs lie in a folder of its own, which goes with the task's other files.
 *
 * @param diskFreeBytes with less of the disk free nothing is taken
 */
export function createOutputKeeper(
  artifactsDirectory: string,
  diskFreeBytes: number,
  onError: (error: unknown) => void,
  { maxBytes = TASK_MAX_BYTES, maxFiles = TASK_MAX_FILES } = {},
): OutputKeeper {
  const folderOf = (taskId: string) => join(artifactsDirectory, taskId, "outputs");
  // The id is the model's service's to choose, and no name for a file.
  const fileOf = (taskId: string, toolUseId: string) =>
    join(folderOf(taskId), `${createHash("sha256").update(toolUseId).digest("hex")}${KEPT}`);

  async function hasRoom(folder: string, bytes: number): Promise<boolean> {
    const { bavail, bsize } = await statfs(folder);
    if (bavail * bsize - bytes < diskFreeBytes) return false;
    const names = (await readdir(folder)).filter((name) => name.endsWith(KEPT));
    if (names.length >= maxFiles) return false;
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
    return sizes.reduce((sum, size) => sum + size, bytes) <= maxBytes;
  }

  async function write(taskId: string, toolUseId: string, bytes: Buffer): Promise<boolean> {
    const folder = folderOf(taskId);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // A repeat, after an answer that was lost.
    if (await Bun.file(fileOf(taskId, toolUseId)).exists()) return true;
    if (!(await hasRoom(folder, bytes.byteLength))) return false;
    const partial = join(folder, `${randomUUID()}.partial`);
    try {
      await using file = await open(partial, "wx", 0o600);
      await file.writeFile(bytes);
      // An event names it once this has answered.
      await file.sync();
      // What is there stays: an agent must not change afterwards what people have read.
      await link(partial, fileOf(taskId, toolUseId));
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
    } finally {
      await rm(partial, { force: true });
    }
    return true;
  }

  return {
    async keep(taskId, toolUseId, text) {
      try {
        return await write(taskId, toolUseId, Buffer.from(text));
      } catch (error) {
        // A turn goes on without it: it would wait for a disk that may never get better.
        if (codeOf(error) !== "ENOSPC") onError(error);
        return false;
      }
    },

    async open(taskId, toolUseId) {
      const text = Bun.file(fileOf(taskId, toolUseId));
      return (await text.exists()) ? text : null;
    },
  };
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
