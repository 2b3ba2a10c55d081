import { eachLine } from "../each-line.ts";
/** Runs a program to its end; its output goes line by line to `onLine`. Resolves with the exit code and the last lines. */
export async function runCommand(
  argv: string[],
  options: { onLine?: (line: string) => void; env?: Record<string, string>; cwd?: string } = {},
): Promise<{ exitCode: number; lastLines: string }> {
  const child = Bun.spawn(argv, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    env: { ...process.env, ...options.env },
  });
  const last: string[] = [];
  const note = (line: string) => {
    if (line.trim() === "") return;
    options.onLine?.(line);
    last.push(line);
    if (last.length > 20) last.shift();
  };
  await Promise.all([eachLine(child.stdout, note), eachLine(child.stderr, note)]);
  return { exitCode: await child.exited, lastLines: last.join("\n") };
}
