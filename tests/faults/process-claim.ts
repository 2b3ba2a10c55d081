import { rm } from "node:fs/promises";
import { basename } from "node:path";

/**
 * Claims something that one process may use at a time, by a file that names the process.
 *
 * @throws Error when a process that lives has it
 */
export async function claim(path: string, what: string): Promise<AsyncDisposable> {
  const owner = Number(
    await Bun.file(path)
      .text()
      .catch(() => ""),
  );
  if (owner > 0 && owner !== process.pid && (await runsUs(owner)))
    throw new Error(`process ${owner} uses ${what}: wait until it is through`);
  await Bun.write(path, String(process.pid));
  return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
}

/**
 * Whether a process of that number is there and may be a run of this program: numbers are given out again. How it was
 * started does not matter, by a path or by a name, from here or from another checkout. In doubt it is one, since what
 * it uses is not to be taken from it.
 */
export async function runsUs(pid: number): Promise<boolean> {
  let theirs: string;
  try {
    theirs = await Bun.file(`/proc/${pid}/cmdline`).text();
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH"))
      return false;
    return true;
  }
  const script = basename(Bun.main);
  return theirs.split("\0").some((argument) => basename(argument) === script);
}
