import { chmod, lstat, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { TaskId } from "@farhand/protocol";
import { ulid } from "ulid";
import { failure } from "../domain/failure.ts";

/** Makes the folder where it is not there. No other user of the machine may enter it. @returns its path */
export async function openDataFolder(path: string): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await chmod(path, 0o700);
  return path;
}

/** A short name that tells this data folder's sandboxes from those of others on the same engine. */
export async function instanceName(path: string): Promise<string> {
  const file = Bun.file(path);
  if (await file.exists()) return (await file.text()).trim();
  const name = ulid().slice(-8).toLowerCase();
  await Bun.write(path, `${name}\n`);
  return name;
}

/** A socket's path holds 107 bytes at most, so a deep data folder gets its sockets elsewhere. */
export async function runDirectory(dataDirectory: string, instanceId: string): Promise<string> {
  const longest = "/t_00000000000000000000000000/g.sock".length;
  const inData = join(dataDirectory, "run");
  const directory = inData.length + longest <= 107 ? inData : join("/tmp", `farhand-${instanceId}`);
  await mkdir(directory, { recursive: true, mode: 0o711 });
  // In a shared folder somebody else may have made it first, to listen in.
  const { uid } = await lstat(directory);
  if (uid !== process.getuid?.())
    throw failure(
      "conflict",
      `${directory} belongs to another user.`,
      "Remove it, or give the server a shorter FARHAND_DATA.",
    );
  return directory;
}

/** Removes what a coordinator that crashed has left of the sockets of tasks that are over. */
export async function sweepSockets(directory: string, taskIds: string[]): Promise<void> {
  for (const name of await readdir(directory))
    if (TaskId.safeParse(name).success && !taskIds.includes(name))
      await rm(join(directory, name), { recursive: true, force: true });
}
