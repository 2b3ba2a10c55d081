import type { Sleep } from "./backoff.ts";
import type { Environment } from "./environment.ts";

export interface WorkerOptions {
  environment: Environment;
  version: string;
  /** Time since the process started. */
  elapsedMs: () => number;
  /** Aborts with a `WorkerStop`, or with the error that was caught nowhere. */
  stop: AbortController;
  sleep: Sleep;
  random: () => number;
  now: () => Date;
}
