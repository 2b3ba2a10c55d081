import { rm } from "node:fs/promises";

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

/** Whether a process of that number is there and runs the same program: numbers are given out again. */
export async function runsUs(pid: number): Promise<boolean> {
  const commandLine = (of: number | "self") =>
    Bun.file(`/proc/${of}/cmdline`)
      .text()
      // It is gone.
      .catch(() => "");
  const program = (text: string) => text.split("\0").slice(0, 2).join(" ");
  const [theirs, ours] = [await commandLine(pid), await commandLine("self")];
  return theirs !== "" && program(theirs) === program(ours);
}
