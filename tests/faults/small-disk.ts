import { mkdir, rmdir, statfs } from "node:fs/promises";
import { command } from "./command.ts";

const SIZE_MIB = 2048;

/** A disk of its own for the data folders, which can be made full and given its room back. */
export interface SmallDisk extends AsyncDisposable {
  path: string;
  /** From now on nothing can be written to it. */
  fill(): Promise<void>;
  free(): Promise<void>;
}

/**
 * Mounts the disk at `path`. It lives in memory, and it is filled by taking away the room that is not used: that is
 * as sudden and as complete as a ballast file, and needs no memory.
 */
export async function mountSmallDisk(path: string): Promise<SmallDisk> {
  await mkdir(path, { recursive: true });
  await command("mount", "-t", "tmpfs", "-o", `size=${SIZE_MIB}m,mode=0755`, "farhand-faults", path);
  const resize = (size: string) => command("mount", "-o", `remount,size=${size}`, path);
  return {
    path,
    async fill() {
      for (let tries = 0; ; tries += 1) {
        const { blocks, bfree, bsize } = await statfs(path);
        try {
          // No room at all, which is 0, would mean no limit.
          return void (await resize(String(Math.max(1, blocks - bfree) * bsize)));
        } catch (error) {
          // Something was written since we looked: the kernel refuses a size below what is used.
          if (tries === 50) throw error;
        }
      }
    },
    free: async () => void (await resize(`${SIZE_MIB}m`)),
    async [Symbol.asyncDispose]() {
      await command("umount", "--lazy", path);
      await rmdir(path);
    },
  };
}
