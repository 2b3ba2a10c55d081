import type { Config } from "./config.ts";

/** Most processes and threads of one sandbox. */
const PIDS = 512;
/** What a worker gets to end its turn by itself; with the second after it, a stop takes less than five. */
const WORKER_GRACE_MS = 3500;

/** The bounds of one attempt, of the settings and beside them. */
export function attemptLimits(config: Config) {
  return {
    memoryBytes: config.workerMemoryBytes,
    cpus: config.workerCpus,
    pids: PIDS,
    turnTimeoutMs: config.turnTimeoutMs,
    taskTimeoutMs: config.taskTimeoutMs,
    noProgressMs: config.noProgressMs,
    workerGraceMs: WORKER_GRACE_MS,
    checkpointMs: config.checkpointMs,
    warmMs: config.warmMs,
    toolTimeoutMs: config.toolTimeoutMs,
    modelRetries: config.modelRetries,
    engineAwayMs: config.engineAwayMs,
  };
}
