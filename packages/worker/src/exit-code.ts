/**
 * The exit code of a command in the agent's shell. The SDK's tool knows it and tells only whether it is 0. So a line
 * behind the command writes it into a file of its own, outside the repository: no output can be taken for it.
 */
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const exitCodeFile = (): string => join(tmpdir(), `exit-code-${crypto.randomUUID()}`);

/** The line. It leaves `$?` as it finds it, and shows nothing of itself, not even to `set -x` or to a trap for errors. */
export const keepExitCode = (file: string): string =>
  `{ eval "builtin printf %d $? >|'${file}'; (exit $?)"; } >/dev/null 2>&1`;

/** Null where the command did not come to its end, as when it ended the shell, or where there was no room for the file. */
export async function takeExitCode(file: string): Promise<number | null> {
  const text = await readFile(file, "utf8").catch(() => "");
  await rm(file, { force: true }).catch(() => undefined);
  return /^\d{1,3}$/.test(text) ? Number(text) : null;
}
