import type { Remote } from "../domain/ports.ts";
import { gitEnvironment } from "./git-environment.ts";

/** How long git may take to tidy up after SIGTERM. */
const TERM_GRACE_MS = 2_000;

/** Of standard error the end is kept: there stands why it failed. */
const STDERR_MAX_BYTES = 64 * 1024;

/** Most of standard output that is kept of commands whose answer is short by nature. */
const STDOUT_MAX_BYTES = 64 * 1024 * 1024;

export interface GitCommand {
  args: string[];
  /** The bare repository to work in; none for commands that need none. */
  repository?: string;
  /** Gives its credential to git. Its URL must stand in `args` too. */
  remote?: Remote;
  signal?: AbortSignal;
  /** The longest it may take in all. */
  timeLimitMs?: number;
  /** Ends git once it has written more than this; the result is then `isTruncated`. */
  maxStdoutBytes?: number;
}

export interface GitResult {
  /** Null when a signal ended it. */
  exitCode: number | null;
  stdout: Uint8Array;
  stderr: string;
  isTruncated: boolean;
  timedOut: boolean;
}

/** Runs git in an environment of our own making, in its own process group, and never with a terminal. */
export class Git {
  readonly #stallSeconds: number;

  constructor(options: { stallSeconds: number }) {
    this.#stallSeconds = options.stallSeconds;
  }

  /** Runs to the end and tells how it went. Throws the signal's reason, after git has ended, when aborted. */
  async run(command: GitCommand): Promise<GitResult> {
    const { signal, remote, repository } = command;
    signal?.throwIfAborted();
    const child = Bun.spawn(["git", ...(repository ? [`--git-dir=${repository}`] : []), ...command.args], {
      env: gitEnvironment(process.env, { remote, stallSeconds: this.#stallSeconds }),
      cwd: "/",
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      detached: true,
    });
    let killTimer: ReturnType<typeof setTimeout> | undefined;
    const stop = () => {
      signalGroup(child.pid, "SIGTERM");
      killTimer ??= setTimeout(() => signalGroup(child.pid, "SIGKILL"), TERM_GRACE_MS);
    };
    let timedOut = false;
    const timer =
      command.timeLimitMs === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            stop();
          }, command.timeLimitMs);
    signal?.addEventListener("abort", stop, { once: true });
    try {
      const [stdout, stderr] = await Promise.all([
        readStart(child.stdout, command.maxStdoutBytes ?? STDOUT_MAX_BYTES, stop),
        readEnd(child.stderr, STDERR_MAX_BYTES),
        child.exited,
      ]);
      signal?.throwIfAborted();
      return {
        exitCode: child.exitCode,
        stdout: stdout.bytes,
        stderr,
        isTruncated: stdout.isTruncated,
        timedOut,
      };
    } finally {
      clearTimeout(timer);
      clearTimeout(killTimer);
      signal?.removeEventListener("abort", stop);
    }
  }

  /** Standard output of a command that can only fail through a bug or a damaged repository of ours. */
  async read(command: GitCommand): Promise<string> {
    const result = await this.run(command);
    if (result.exitCode !== 0) throw new GitError(command.args, result);
    return new TextDecoder().decode(result.stdout).trim();
  }
}

/** A git command failed that was not expected to. */
export class GitError extends Error {
  readonly result: GitResult;

  constructor(args: string[], result: GitResult) {
    super(`git ${args[0] ?? ""} ended with ${result.exitCode}: ${result.stderr.trim().slice(-2000)}`);
    this.name = "GitError";
    this.result = result;
  }
}

function signalGroup(pid: number, name: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(-pid, name);
  } catch {
    // The group has ended in the meantime.
  }
}

async function readStart(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
  onTooMuch: () => void,
): Promise<{ bytes: Uint8Array; isTruncated: boolean }> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of stream) {
    if (sizeBytes > maxBytes) continue;
    sizeBytes += chunk.byteLength;
    chunks.push(chunk);
    if (sizeBytes > maxBytes) onTooMuch();
  }
  return { bytes: Buffer.concat(chunks).subarray(0, maxBytes), isTruncated: sizeBytes > maxBytes };
}

async function readEnd(stream: ReadableStream<Uint8Array>, maxBytes: number): Promise<string> {
  let kept = Buffer.alloc(0);
  for await (const chunk of stream) kept = Buffer.concat([kept, chunk]).subarray(-maxBytes);
  return kept.toString("utf8");
}
