import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** Older ones that are kept: a server that still runs may be using them. */
const KEPT = 1;

/** Removes what was built of earlier sources, but for the last one. @param name what such a file or folder is called */
export async function removeOlder(root: string, name: RegExp, current: string): Promise<void> {
  const folder = join(root, "build");
  const others = (await readdir(folder)).filter((it) => name.test(it) && join(folder, it) !== current);
  const aged = await Promise.all(
    others.map(async (it) => {
      const found = await stat(join(folder, it)).catch(() => null);
      // Another run may be removing it just now.
      return found === null ? [] : [{ name: it, builtMs: found.mtimeMs }];
    }),
  );
  for (const older of aged
    .flat()
    .toSorted((a, b) => b.builtMs - a.builtMs)
    .slice(KEPT)) {
    await rm(join(folder, older.name), { recursive: true, force: true });
  }
}
