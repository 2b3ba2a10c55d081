import { sleep } from "../src/backoff.ts";
import { runWorker, type WorkerEnd } from "../src/worker.ts";
import type { TestGateway } from "./gateway.ts";

export interface TestRun {
  end: WorkerEnd;
  /** How long the worker meant to wait before each repeat of a model call; it waits one millisecond here. */
  waitsMs: number[];
}

/** Runs a worker in this process against the gateway. Long waits are noted and cut short. */
export async function run(gateway: TestGateway, stop = new AbortController()): Promise<TestRun> {
  const waitsMs: number[] = [];
  const end = await runWorker({
    environment: gateway.environment,
    version: "0.0.0",
    elapsedMs: () => 1,
    stop,
    sleep: (ms, signal) => {
      waitsMs.push(ms);
      return sleep(1, signal);
    },
    random: () => 0.5,
    now: () => new Date(),
  });
  return { end, waitsMs };
}
