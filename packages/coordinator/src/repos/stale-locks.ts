import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** No git of ours holds the lock of a ref for longer: it writes a line and renames the file. */
const STALE_MS = 20_000;

/** Removes locks of refs that a git which was killed has left behind, and that would stand in the way for good. */
export async function removeStaleLocks(repository: string): Promise<void> {
  const inRefs = await readdir(join(repository, "refs"), { recursive: true }).catch(() => []);
  const atRoot = await readdir(repository).catch(() => []);
  const locks = [...inRefs.map((name) => join("refs", name)), ...atRoot].filter((name) =>
    name.endsWith(".lock"),
  );
  for (const name of locks) {
    const path = join(repository, name);
    const since = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      // Its git has ended well meanwhile.
      () => null,
    );
    // A clock that was set back makes it look new; it is found when it has aged again.
    if (since !== null && Math.abs(Date.now() - since) > STALE_MS) await rm(path, { force: true });
  }
}
