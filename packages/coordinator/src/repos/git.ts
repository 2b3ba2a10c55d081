import type { Remote } from "../domain/ports.ts";
import { gitEnvironment } from "./git-environment.ts";

/** How long git may take to tidy up after SIGTERM. */
const TERM_GRACE_MS = 2_000;

/** Of standard error the end is kept: there stands why it failed. */
const STDERR_MAX_BYTES = 64 * 1024;

/** Most of standard output that is kept of commands whose answer is short by nature. */
const STDOUT_MAX_BYTES = 64 * 1024 * 1024;

/**
 * The most memory that each process of git may take for itself, where the machine can enforce that; files that it maps do
 * not count. All that git reads was made by an agent or a forge: ten billion files are a dozen objects, and a commit of
 * a gigabyte, which git holds whole, is a megabyte on the wire.
 */
export const GIT_MAX_MEMORY_BYTES = 768 * 1024 ** 2;

/** For what goes through all objects of a repository: indexing ten million of them takes this much. */
export const WHOLE_REPOSITORY_MAX_MEMORY_BYTES = 2 * 1024 ** 3;

export interface GitCommand {
  args: string[];
  /**
   * Stand after `args`, byte for byte: a string would not do, since the names in a repository need not be UTF-8. At
   * least one, and not together with `stdin`.
   */
  lastArguments?: Uint8Array[];
  /** Given to git on standard input, which is empty otherwise. */
  stdin?: Uint8Array;
  /** The bare repository to work in; none for commands that need none. */
  repository?: string;
  /** Gives its credential to git. Its URL must stand in `args` too. */
  remote?: Remote;
  signal?: AbortSignal;
  /** The longest it may take in all. */
  timeLimitMs?: number;
  /** Ends git once it has written more than this; the result is then `isTruncated`. */
  maxStdoutBytes?: number;
  /** In place of the usual bound. */
  maxMemoryBytes?: number;
}

export interface GitEnd {
  /** Null when a signal ended it. */
  exitCode: number | null;
  stderr: string;
  timedOut: boolean;
}

export interface GitResult extends GitEnd {
  stdout: Uint8Array;
  isTruncated: boolean;
}

/** A git that runs. */
export interface GitProcess {
  /** Comes no faster than it is read. It ends early, without an error, when git is stopped. */
  stdout: ReadableStream<Uint8Array>;
  stop(): void;
  /** Resolves once git has ended, for which its output must be read to the end, or git be stopped. */
  ended: Promise<GitEnd>;
}

/** Runs git in an environment of our own making, in its own process group, and never with a terminal. */
export class Git {
  readonly #stallSeconds: number;
  readonly #maxMemoryBytes: number;

  /** @param options.maxMemoryBytes of commands that do not say otherwise; {@link GIT_MAX_MEMORY_BYTES} if left out */
  constructor(options: { stallSeconds: number; maxMemoryBytes?: number }) {
    this.#stallSeconds = options.stallSeconds;
    this.#maxMemoryBytes = options.maxMemoryBytes ?? GIT_MAX_MEMORY_BYTES;
  }

  /** Starts git and leaves its output to the caller. An abort stops it; the caller looks at the signal itself. */
  start(command: GitCommand): GitProcess {
    const { signal, remote } = command;
    signal?.throwIfAborted();
    const child = Bun.spawn(programOf(command, command.maxMemoryBytes ?? this.#maxMemoryBytes), {
      env: gitEnvironment(process.env, { remote, stallSeconds: this.#stallSeconds }),
      cwd: "/",
      stdin: stdinOf(command),
      stdout: "pipe",
      stderr: "pipe",
      detached: true,
    });
    let killTimer: ReturnType<typeof setTimeout> | undefined;
    const stop = () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
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
    const ended = (async (): Promise<GitEnd> => {
      try {
        const [stderr] = await Promise.all([readEnd(child.stderr, STDERR_MAX_BYTES), child.exited]);
        return { exitCode: child.exitCode, stderr, timedOut };
      } finally {
        clearTimeout(timer);
        clearTimeout(killTimer);
        signal?.removeEventListener("abort", stop);
      }
    })();
    return { stdout: child.stdout, stop, ended };
  }

  /** Runs to the end and tells how it went. Throws the signal's reason, after git has ended, when aborted. */
  async run(command: GitCommand): Promise<GitResult> {
    const child = this.start(command);
    const [stdout, end] = await Promise.all([
      readStart(child.stdout, command.maxStdoutBytes ?? STDOUT_MAX_BYTES, child.stop),
      child.ended,
    ]);
    command.signal?.throwIfAborted();
    return { ...end, stdout: stdout.bytes, isTruncated: stdout.isTruncated };
  }

  /** Standard output of a command that can only fail through a bug or a damaged repository of ours. */
  async read(command: GitCommand): Promise<string> {
    const result = await this.run(command);
    if (result.exitCode !== 0) throw new GitError(command.args, result);
    return new TextDecoder().decode(result.stdout).trim();
  }

  /**
   * The records, each with a NUL at its end, that such a command writes; however many there are, few are held at a
   * time. Git is stopped when the caller wants no more.
   */
  async *records(command: GitCommand): AsyncGenerator<Uint8Array, void> {
    const child = this.start(command);
    let isWhole = false;
    try {
      let rest = Buffer.alloc(0);
      for await (const chunk of child.stdout) {
        rest = Buffer.concat([rest, chunk]);
        let start = 0;
        for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0, start)) {
          yield rest.subarray(start, end);
          start = end + 1;
        }
        rest = rest.subarray(start);
      }
      isWhole = true;
    } finally {
      if (!isWhole) child.stop();
      await child.ended;
    }
    command.signal?.throwIfAborted();
    const end = await child.ended;
    if (end.exitCode !== 0) throw new GitError(command.args, end);
  }
}

/** Whether git says that it may not have the memory that it needs. */
export function isOutOfMemory(stderr: string): boolean {
  return /out of memory|malloc failed|realloc failed|cannot allocate memory/i.test(stderr);
}

/** A git command failed that was not expected to. */
export class GitError extends Error {
  readonly result: GitEnd;

  constructor(args: string[], result: GitEnd) {
    super(`git ${args[0] ?? ""} ended with ${result.exitCode}: ${result.stderr.trim().slice(-2000)}`);
    this.name = "GitError";
    this.result = result;
  }
}

const PRLIMIT = Bun.which("prlimit");

function programOf({ repository, args, lastArguments }: GitCommand, maxMemoryBytes: number): string[] {
  const git = ["git", ...(repository ? [`--git-dir=${repository}`] : []), ...args];
  const bound = PRLIMIT === null ? [] : [PRLIMIT, `--data=${maxMemoryBytes}`];
  if (lastArguments === undefined) return [...bound, ...git];
  // Our own runtime makes every argument UTF-8; this program passes on the bytes that it reads. All of them at once.
  return [...bound, "xargs", "-0", "-x", "-n", String(lastArguments.length), ...git];
}

function stdinOf({ stdin, lastArguments }: GitCommand): Uint8Array | "ignore" {
  if (lastArguments === undefined) return stdin ?? "ignore";
  return Buffer.concat(lastArguments.flatMap((argument) => [argument, Uint8Array.of(0)]));
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
