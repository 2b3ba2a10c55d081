import { expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeStaleLocks } from "./stale-locks.ts";

test("locks that a killed git has left are removed, and those of one that is at work are not", async () => {
  const folder = await mkdtemp(join(tmpdir(), "farhand-locks-"));
  try {
    await mkdir(join(folder, "refs/farhand/turns"), { recursive: true });
    const old = new Date(Date.now() - 60_000);
    for (const name of ["packed-refs.lock", "refs/farhand/turns/2.lock", "refs/farhand/turns/1"]) {
      await writeFile(join(folder, name), "");
      await utimes(join(folder, name), old, old);
    }
    await writeFile(join(folder, "refs/farhand/live.lock"), "");
    await removeStaleLocks(folder);
    const left = (await readdir(folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map(({ name }) => name);
    expect(left.sort()).toEqual(["1", "live.lock"]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("a repository that is not there has none", async () => {
  await removeStaleLocks("/nonexistent/task.git");
});
