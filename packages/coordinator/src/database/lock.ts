import { Database } from "bun:sqlite";
import { failure } from "../domain/failure.ts";

/**
 * Keeps a second coordinator off the data folder. SQLite's own file lock is used because the kernel lets go of
 * it when the process dies in whatever way: there is no stale lock to clean up.
 *
 * @throws FarhandError `conflict` when another coordinator holds the folder
 */
export function lockDataFolder(path: string, folder: string): Disposable {
  const file = new Database(path, { create: true });
  try {
    file.run("PRAGMA locking_mode = EXCLUSIVE");
    file.run("BEGIN EXCLUSIVE");
  } catch (error) {
    file.close();
    throw failure(
      "conflict",
      `Another coordinator uses the data folder ${folder}.`,
      "Stop it first, or give this one another folder with FARHAND_DATA.",
      { cause: error },
    );
  }
  return { [Symbol.dispose]: () => file.close() };
}
