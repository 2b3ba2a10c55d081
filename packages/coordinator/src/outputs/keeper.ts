import { createHash, randomUUID } from "node:crypto";
import { link, mkdir, open, readdir, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { OutputKeeper } from "../domain/output.ts";

/** What the outputs of one task may take together. An attempt may report as much of them as it likes. */
const TASK_MAX_BYTES = 64 * 1024 ** 2;
const TASK_MAX_FILES = 2_000;

/**
 * Each task's outputs lie in a folder of its own, which goes with the task's other files.
 *
 * @param diskFreeBytes with less of the disk free nothing is taken
 */
export function createOutputKeeper(
  artifactsDirectory: string,
  diskFreeBytes: number,
  { maxBytes = TASK_MAX_BYTES, maxFiles = TASK_MAX_FILES } = {},
): OutputKeeper {
  const folderOf = (taskId: string) => join(artifactsDirectory, taskId, "outputs");
  // The id is the model's service's to choose, and no name for a file.
  const fileOf = (taskId: string, toolUseId: string) =>
    join(folderOf(taskId), `${createHash("sha256").update(toolUseId).digest("hex")}.txt`);

  async function hasRoom(folder: string, bytes: number): Promise<boolean> {
    const { bavail, bsize } = await statfs(folder);
    if (bavail * bsize - bytes < diskFreeBytes) return false;
    const names = await readdir(folder);
    if (names.length >= maxFiles) return false;
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
    return sizes.reduce((sum, size) => sum + size, bytes) <= maxBytes;
  }

  return {
    async keep(taskId, toolUseId, text) {
      const folder = folderOf(taskId);
      const bytes = Buffer.from(text);
      await mkdir(folder, { recursive: true, mode: 0o700 });
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
        if (codeOf(error) === "ENOSPC") return false;
        if (codeOf(error) !== "EEXIST") throw error;
      } finally {
        await rm(partial, { force: true });
      }
      return true;
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
