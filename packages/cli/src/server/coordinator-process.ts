import { join } from "node:path";
import { z } from "zod";
import {
  type ChildProcess,
  type ProcessOptions,
  SilentStartError,
  startAnnounced,
  startDetached,
} from "./announced-process.ts";

/** What the coordinator says on standard output when it is ready, or cannot be. */
const Announcement = z.discriminatedUnion("event", [
  z.object({
    event: z.literal("listening"),
    url: z.string(),
    tokenFile: z.string(),
    /** Makes whoever opens it the owner; null where there is one. */
    setupUrl: z.string().nullable().default(null),
    sandbox: z.enum(["docker", "process"]),
    isolated: z.boolean(),
  }),
  z.object({ event: z.literal("failed"), code: z.string(), message: z.string(), action: z.string() }),
]);

export type Listening = Extract<z.infer<typeof Announcement>, { event: "listening" }>;

/** The coordinator did not start. `message` is the sentence for the user. */
export class CoordinatorStartError extends Error {
  readonly code: string;
  readonly action: string;

  constructor(code: string, message: string, action: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "CoordinatorStartError";
    this.code = code;
    this.action = action;
  }
}

export interface CoordinatorOptions {
  /** The repository's root folder. */
  root: string;
  /** Its whole environment: it is configured by nothing else. */
  env: Record<string, string>;
  /** File for its log; null for our own standard error. */
  logPath: string | null;
}

/** Migrations of a large database included. */
const READY_TIMEOUT_MS = 60_000;

/** Starts the coordinator below this program. @throws CoordinatorStartError */
export async function startCoordinator(
  options: CoordinatorOptions,
): Promise<{ listening: Listening; process: ChildProcess }> {
  const { announced, process } = await explained(options.logPath, () =>
    startAnnounced(Announcement, processOptions(options)),
  );
  if (announced.event === "listening") return { listening: announced, process };
  await process.exited;
  throw new CoordinatorStartError(announced.code, announced.message, announced.action);
}

/** Starts a coordinator that goes on when this program ends. @throws CoordinatorStartError */
export async function startCoordinatorInBackground(
  options: CoordinatorOptions & { logPath: string },
): Promise<Listening> {
  const announced = await explained(options.logPath, () =>
    startDetached(Announcement, { ...processOptions(options), logPath: options.logPath }),
  );
  if (announced.event === "listening") return announced;
  throw new CoordinatorStartError(announced.code, announced.message, announced.action);
}

function processOptions({ root, env, logPath }: CoordinatorOptions): ProcessOptions {
  return {
    argv: [process.execPath, join(root, "packages/coordinator/src/main.ts")],
    cwd: root,
    env,
    logPath,
    readyTimeoutMs: READY_TIMEOUT_MS,
  };
}

async function explained<T>(logPath: string | null, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof SilentStartError)) throw error;
    throw new CoordinatorStartError(
      "internal",
      `The coordinator did not start. ${error.message}`,
      logPath === null ? "The lines above say why." : `Its log says why: ${logPath}`,
      { cause: error },
    );
  }
}
