import { join } from "node:path";

export interface Surroundings {
  /** `FARHAND_DATA`, and the working folder unless `cwd` names another. */
  data: string;
  url: string;
  token: string;
  cwd?: string | undefined;
  env?: Record<string, string> | undefined;
  stdin?: string | undefined;
}

/** Starts the command line as a process of its own, with nothing of this process's environment but `PATH`. */
export function startFarhand(
  argv: string[],
  { data, url, token, cwd = data, env, stdin = "" }: Surroundings,
) {
  return Bun.spawn([process.execPath, join(import.meta.dir, "../src/main.ts"), ...argv], {
    env: {
      PATH: process.env.PATH ?? "",
      FARHAND_DATA: data,
      FARHAND_URL: url,
      FARHAND_TOKEN: token,
      ...env,
    },
    cwd,
    stdin: new Blob([stdin]),
    stdout: "pipe",
    stderr: "pipe",
  });
}

/** Runs it to its end. */
export async function runFarhand(argv: string[], surroundings: Surroundings) {
  const child = startFarhand(argv, surroundings);
  const [stdout, stderr, exitCode] = await Promise.all([
    child.stdout.text(),
    child.stderr.text(),
    child.exited,
  ]);
  return { stdout, stderr, exitCode };
}
