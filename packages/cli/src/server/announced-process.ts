import { closeSync, openSync } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import type { z } from "zod";

export interface ProcessOptions {
  argv: string[];
  cwd: string;
  env: Record<string, string>;
  /** File that standard error is added to; null for our own standard error. */
  logPath: string | null;
  /** How long it may take to announce itself. */
  readyTimeoutMs: number;
}

/** A program of ours that runs below this one. */
export interface ChildProcess extends AsyncDisposable {
  readonly exited: Promise<number>;
  /** SIGTERM, and SIGKILL when it has not ended within `graceMs`. Resolves with the exit code. */
  stop(graceMs: number): Promise<number>;
}

/** It ended, or said nothing in time. `message` tells which. */
export class SilentStartError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "SilentStartError";
  }
}

const DISPOSE_GRACE_MS = 10_000;
const POLL_MS = 50;

/**
 * Starts a program which says on its standard output, in one JSON line, what became of its start. It gets a process
 * group of its own: a Ctrl-C in the terminal reaches this program alone, which then stops it in order.
 * @throws SilentStartError
 */
export async function startAnnounced<T>(
  schema: z.ZodType<T>,
  options: ProcessOptions,
): Promise<{ announced: T; process: ChildProcess }> {
  const logFile = options.logPath === null ? null : await openLog(options.logPath);
  const child = Bun.spawn(options.argv, {
    cwd: options.cwd,
    env: options.env,
    // Its end tells the program that this one is gone, however that came about.
    stdin: "pipe",
    stdout: "pipe",
    stderr: logFile ?? "inherit",
    detached: true,
  });
  if (logFile !== null) closeSync(logFile);
  const process: ChildProcess = {
    exited: child.exited,
    async stop(graceMs) {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
      const exitCode = await child.exited;
      clearTimeout(timer);
      return exitCode;
    },
    async [Symbol.asyncDispose]() {
      await process.stop(DISPOSE_GRACE_MS);
    },
  };
  const outcome = Promise.withResolvers<{ announced: T } | "ended" | "late">();
  readAnnouncement(child.stdout, schema, (line) =>
    outcome.resolve(line === null ? "ended" : { announced: line }),
  ).catch(outcome.reject);
  const timer = setTimeout(() => outcome.resolve("late"), options.readyTimeoutMs);
  try {
    const came = await outcome.promise;
    if (typeof came === "object") return { announced: came.announced, process };
    // Whoever closes its output ends right after; whoever is late is made to.
    if (came === "late") await process.stop(DISPOSE_GRACE_MS);
    const exitCode = await child.exited;
    throw new SilentStartError(
      came === "late" ? lateMessage(options.readyTimeoutMs) : endedMessage(exitCode),
    );
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Starts a program that outlives this one. All that it says goes to the log file, where its announcement is looked
 * for.
 * @throws SilentStartError
 */
export async function startDetached<T>(
  schema: z.ZodType<T>,
  options: ProcessOptions & { logPath: string },
): Promise<T> {
  const logFile = await openLog(options.logPath);
  const offset = Bun.file(options.logPath).size;
  const child = Bun.spawn(options.argv, {
    cwd: options.cwd,
    env: options.env,
    stdio: ["ignore", logFile, logFile],
    detached: true,
  });
  closeSync(logFile);
  child.unref();
  const deadlineMs = performance.now() + options.readyTimeoutMs;
  for (;;) {
    // Read after the exit is seen: what it said last is in the file by then.
    const hasEnded = child.exitCode !== null || child.signalCode !== null;
    const announced = findAnnouncement(await readFrom(options.logPath, offset), schema);
    if (announced !== null) return announced;
    if (hasEnded) throw new SilentStartError(endedMessage(child.exitCode));
    if (performance.now() > deadlineMs) {
      child.kill("SIGTERM");
      throw new SilentStartError(lateMessage(options.readyTimeoutMs));
    }
    await Bun.sleep(POLL_MS);
  }
}

const endedMessage = (exitCode: number | null) =>
  `It ended with code ${exitCode ?? "unknown"} before it was ready.`;
const lateMessage = (timeoutMs: number) => `It was not ready within ${timeoutMs / 1000} s.`;

/** The file is for the owner's eyes: a log may quote what a task says. */
async function openLog(path: string): Promise<number> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  return openSync(path, "a", 0o600);
}

async function readFrom(path: string, offset: number): Promise<string> {
  await using file = await open(path);
  const { size } = await file.stat();
  const buffer = Buffer.alloc(Math.max(0, size - offset));
  await file.read(buffer, 0, buffer.length, offset);
  return buffer.toString("utf8");
}

/** Reads to the end, also past the announcement: a full pipe would stop the program. */
async function readAnnouncement<T>(
  stream: ReadableStream<Uint8Array>,
  schema: z.ZodType<T>,
  found: (line: T | null) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let text = "";
  let isFound = false;
  for await (const chunk of stream) {
    if (isFound) continue;
    text += decoder.decode(chunk, { stream: true });
    const announced = findAnnouncement(text, schema);
    if (announced === null) continue;
    isFound = true;
    text = "";
    found(announced);
  }
  found(null);
}

/** The first whole line that is an announcement. */
function findAnnouncement<T>(text: string, schema: z.ZodType<T>): T | null {
  for (const line of text.split("\n").slice(0, -1)) {
    if (!line.startsWith("{")) continue;
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch {
      continue;
    }
    const announced = schema.safeParse(json);
    if (announced.success) return announced.data;
  }
  return null;
}
