import { freePort } from "../../e2e/support/deployment.ts";

export interface Server extends AsyncDisposable {
  origin: string;
}

/** Starts a peer's server and waits until it answers. Its output goes into a file. */
export async function startServer(
  command: string[],
  options: {
    env: (origin: string) => Record<string, string>;
    cwd?: string;
    log: string;
    port?: number;
    /** Arguments that name the port, where the environment does not. */
    portArguments?: (port: string) => string[];
  },
): Promise<Server> {
  const port = options.port ?? (await freePort());
  const origin = `http://127.0.0.1:${port}`;
  const child = Bun.spawn([...command, ...(options.portArguments?.(String(port)) ?? [])], {
    env: { PATH: process.env.PATH, ...options.env(origin) },
    ...(options.cwd ? { cwd: options.cwd } : {}),
    stdin: "ignore",
    stdout: Bun.file(options.log),
    stderr: Bun.file(`${options.log}.err`),
  });
  while (!(await fetch(origin).catch(() => null))) {
    if (child.exitCode !== null)
      throw new Error(`${command[0]} ended: ${await Bun.file(options.log).text()}`);
    await Bun.sleep(50);
  }
  return {
    origin,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.exited;
    },
  };
}
