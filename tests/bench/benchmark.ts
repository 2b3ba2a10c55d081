import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Exit codes of a shell for a program that such a signal has ended. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

export interface Owner {
  /** Emptied and removed at the end. */
  folder: string;
  /** Closes at the end what is opened here, the newest first. Also what a signal has caught while it opened. */
  own<T extends AsyncDisposable>(opening: Promise<T>): Promise<T>;
}

/**
 * Runs a benchmark, which opens processes and writes files, and ends the program. Nothing is left, whether it was done,
 * failed or was stopped by a signal: then a line says so, and nothing of the errors that stopping it has caused.
 */
export async function benchmark(work: (owner: Owner) => Promise<void>): Promise<never> {
  const folder = await mkdtemp(join(tmpdir(), "fh-bench-"));
  // Whatever makes a temporary folder from here on, the browser for one, makes it in there.
  process.env.TMPDIR = folder;
  const opened: Promise<AsyncDisposable>[] = [];
  const own: Owner["own"] = (opening) => {
    opened.push(opening);
    return opening;
  };
  const { promise: stopped, resolve: stop } = Promise.withResolvers<keyof typeof SIGNALS>();
  // A second one ends the program at once.
  for (const signal of Object.keys(SIGNALS) as (keyof typeof SIGNALS)[])
    process.once(signal, () => stop(signal));

  const outcome = await Promise.race([
    stopped.then((signal) => ({
      code: SIGNALS[signal],
      line: `Stopped by ${signal}: closing what was opened.`,
    })),
    work({ folder, own }).then(
      () => ({ code: 0, line: null }),
      (error: unknown) => ({ code: 1, line: Bun.inspect(error) }),
    ),
  ]);
  if (outcome.line !== null) process.stderr.write(`${outcome.line}\n`);
  for (const opening of opened.reverse())
    try {
      await (await opening)[Symbol.asyncDispose]();
    } catch (error) {
      // A signal to the whole group has ended some of them before.
      if (outcome.code <= 1) process.stderr.write(`${Bun.inspect(error)}\n`);
    }
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  process.exit(outcome.code);
}
