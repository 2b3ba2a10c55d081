import { spawn } from "node:child_process";
import { dirname } from "node:path";
import { type BackoffSettings, backoffMs, type Sleep } from "./backoff.ts";

/** Output beyond this is dropped, oldest first: git's last words say what went wrong. */
const KEPT_CHARACTERS = 64 * 1024;

export interface GitResult {
  exitCode: number;
  stdout: string;
  stderr: string;
  /** It was stopped because it took too long. */
  timedOut: boolean;
}

export interface GitOptions {
  path: string;
  home: string;
  /** Longest that one command may take before it and its children are killed. */
  timeoutMs: number;
  env: Record<string, string>;
}

export interface GitRun {
  cwd: string;
  signal: AbortSignal;
  /** On top of what every command gets. */
  env?: Record<string, string>;
}

/**
 * Settings of every git command that the worker runs itself. The agent owns the repository's configuration and
 * its hooks; neither may hold up or change what the worker does with it.
 */
const SETTINGS = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "commit.gpgSign=false",
  "push.recurseSubmodules=no",
  "gc.auto=0",
  "maintenance.auto=false",
  "init.templateDir=",
];

/** Runs git as the worker. The user's and the system's configuration have no say, and no prompt is possible. */
export class Git {
  readonly #options: GitOptions;

  constructor(options: GitOptions) {
    this.#options = options;
  }

  /** @throws the signal's reason when it aborts; git's own failures are results. */
  async run(args: string[], options: GitRun): Promise<GitResult> {
    options.signal.throwIfAborted();
    const { path, home, timeoutMs, env } = this.#options;
    const child = spawn("git", [...SETTINGS.flatMap((setting) => ["-c", setting]), ...args], {
      cwd: options.cwd,
      env: {
        PATH: path,
        HOME: home,
        LC_ALL: "C.UTF-8",
        GIT_CONFIG_NOSYSTEM: "1",
        GIT_CONFIG_GLOBAL: "/dev/null",
        GIT_TERMINAL_PROMPT: "0",
        GIT_EDITOR: "true",
        // Where the agent has removed its repository, one further up is none of the worker's business.
        GIT_CEILING_DIRECTORIES: dirname(options.cwd),
        ...env,
        ...options.env,
      },
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own, so that filters and helpers end with it.
      detached: true,
    });
    let stdout = "";
    let stderr = "";
    let timedOut = false;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout = (stdout + text).slice(-KEPT_CHARACTERS);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr = (stderr + text).slice(-KEPT_CHARACTERS);
    });

    const ended = Promise.withResolvers<number>();
    child.once("error", ended.reject);
    child.once("close", (code) => ended.resolve(code ?? 128));
    const kill = () => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // It ended by itself in the meantime.
      }
      // A helper in another group may hold the pipes open for as long as it likes.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const timer = setTimeout(() => {
      timedOut = true;
      stderr += `\nfatal: git took longer than ${timeoutMs / 1000} seconds and was stopped`;
      kill();
    }, timeoutMs);
    options.signal.addEventListener("abort", kill, { once: true });
    try {
      const exitCode = await ended.promise;
      options.signal.throwIfAborted();
      return { exitCode, stdout, stderr, timedOut };
    } finally {
      clearTimeout(timer);
      options.signal.removeEventListener("abort", kill);
    }
  }
}

/** The lines of git's standard error that say what is wrong, without progress and hints. */
export function gitSentence(stderr: string): string {
  const lines = stderr
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const telling = lines.filter(
    (line) => /^(fatal|error|remote|!)\b|^!/.test(line) && !/^remote:\s*$/.test(line),
  );
  return (telling.length > 0 ? telling : lines).slice(-6).join(" ").slice(0, 1_000) || "git gave no reason";
}

/** What the other side says of its own disk. It waits for room as we do. */
const FULL_THERE = /^remote: .*(No space left on device|Disk quota exceeded|couldn't write)/im;

/**
 * Whether git failed because the other side was away for a moment, or has no room, so that the same command may work
 * soon.
 */
export function isPassingGitTrouble(stderr: string): boolean {
  if (FULL_THERE.test(stderr)) return true;
  return /returned error: (429|50[0234])|HTTP (429|50[0234])|Failed to connect|Connection (refused|reset)|early EOF|hung up unexpectedly|Empty reply from server/i.test(
    stderr,
  );
}

const BACKOFF: BackoffSettings = { baseMs: 500, capMs: 5_000 };
/** Tries of a clone or a push while the gateway is away: about half a minute. */
const MOST_TRIES = 9;

/** Runs git again while the other side is away. @returns the last result, which may be a failure. */
export async function retryGit(
  run: () => Promise<GitResult>,
  options: { sleep: Sleep; random: () => number; signal: AbortSignal },
): Promise<GitResult> {
  for (let tries = 1; ; tries++) {
    const result = await run();
    if (result.exitCode === 0 || tries === MOST_TRIES || !isPassingGitTrouble(result.stderr)) return result;
    await options.sleep(backoffMs(tries - 1, BACKOFF, options.random), options.signal);
  }
}
