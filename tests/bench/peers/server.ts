import { freePort } from "../../e2e/support/deployment.ts";

/** What takes longer to start does not start. */
const START_MS = 120_000;
/** What has not ended by itself so long after it was told to is ended. */
const END_MS = 10_000;

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
  const startedMs = performance.now();
  const end = async () => {
    child.kill("SIGTERM");
    const kill = setTimeout(() => child.kill("SIGKILL"), END_MS);
    await child.exited;
    clearTimeout(kill);
  };
  while (!(await fetch(origin, { signal: AbortSignal.timeout(1_000) }).catch(() => null))) {
    const isLate = performance.now() - startedMs > START_MS;
    if (isLate) await end();
    if (isLate || child.exitCode !== null)
      throw new Error(`${command[0]} does not answer: ${await Bun.file(options.log).text()}`);
    await Bun.sleep(50);
  }
  return { origin, [Symbol.asyncDispose]: end };
}
