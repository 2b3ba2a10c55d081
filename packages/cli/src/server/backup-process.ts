import { join } from "node:path";
import { z } from "zod";
import { eachLine } from "../each-line.ts";

const Progress = z.object({
  event: z.literal("progress"),
  step: z.string(),
  detail: z.string(),
  done: z.number(),
  total: z.number(),
});

export type BackupProgress = z.infer<typeof Progress>;

const ended = {
  repositories: z.number(),
  warnings: z.array(z.string()).default([]),
  file: z.string().optional(),
  sizeBytes: z.number().optional(),
  dataDirectory: z.string().optional(),
  createdAt: z.string().optional(),
  version: z.string().optional(),
};

/** What the backup program says, one line each. */
const Line = z.discriminatedUnion("event", [
  Progress,
  z.object({ event: z.literal("saved"), ...ended }),
  z.object({ event: z.literal("restored"), ...ended }),
  z.object({ event: z.literal("failed"), code: z.string(), message: z.string(), action: z.string() }),
]);

type End = Exclude<z.infer<typeof Line>, { event: "progress" }>;
export type BackupEnd = Omit<Exclude<End, { event: "failed" }>, "event">;

/** The backup program refused or failed. `message` is the sentence for the user. */
export class BackupError extends Error {
  readonly code: string;
  readonly action: string;

  constructor(code: string, message: string, action: string) {
    super(message);
    this.name = "BackupError";
    this.code = code;
    this.action = action;
  }
}

/** Runs the coordinator's backup program to its end. @throws BackupError, or the signal's reason */
export async function runBackupProgram(options: {
  root: string;
  argv: string[];
  env: Record<string, string>;
  onProgress: (progress: BackupProgress) => void;
  signal: AbortSignal;
}): Promise<BackupEnd> {
  const { root, argv, env, onProgress, signal } = options;
  signal.throwIfAborted();
  const child = Bun.spawn([process.execPath, join(root, "packages/coordinator/src/backup.ts"), ...argv], {
    cwd: root,
    env,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    signal,
  });
  let end: End | null = null;
  const complaints: string[] = [];
  await Promise.all([
    eachLine(child.stdout, (text) => {
      const line = parse(text);
      if (line?.event === "progress") onProgress(line);
      else if (line) end = line;
    }),
    eachLine(child.stderr, (text) => void complaints.push(text)),
    child.exited,
  ]);
  signal.throwIfAborted();
  return resultOf(end, child.exitCode, complaints);
}

function parse(text: string): z.infer<typeof Line> | null {
  try {
    return Line.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}

function resultOf(end: End | null, exitCode: number | null, complaints: string[]): BackupEnd {
  if (end === null)
    throw new BackupError(
      "internal",
      `It ended with code ${exitCode ?? "unknown"} and no reason.\n${complaints.slice(-20).join("\n")}`,
      "This is a bug in Farhand. Please report it.",
    );
  if (end.event === "failed") throw new BackupError(end.code, end.message, end.action);
  const { event: _event, ...rest } = end;
  return rest;
}
