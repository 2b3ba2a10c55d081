import { WorkerExit } from "@farhand/protocol";
import { version } from "../package.json";
import { sleep } from "./backoff.ts";
import { EgressProxy } from "./egress-proxy.ts";
import { takeEnvironment } from "./environment.ts";
import { WorkerStop } from "./failure.ts";
import { runWorker } from "./worker.ts";

/** Exit code of a process that SIGTERM has ended. */
const TERMINATED = 128 + 15;
/** How long the last duties may take after SIGTERM. The engine's patience is short. */
const PATIENCE = { saveMs: 1_500, flushMs: 2_000 };

const environment = takeEnvironment(process.env);
if ("missing" in environment) {
  process.stderr.write(
    `farhand-worker: ${environment.missing.join(", ")} not set: a sandbox driver starts this program\n`,
  );
  process.exit(WorkerExit.crashed);
}

// `worker proxy <port>`: the way out and nothing else, for what runs before there is a worker.
const [mode, port] = process.argv.slice(2);
if (mode === "proxy") {
  await EgressProxy.listen({ ...environment, port: Number(port) });
  await new Promise(() => {});
}

const stop = new AbortController();
const terminate = () => stop.abort(new WorkerStop(TERMINATED, "stopped by a signal", PATIENCE));
process.once("SIGTERM", terminate);
process.once("SIGINT", terminate);
process.on("uncaughtException", (error) => stop.abort(error));
process.on("unhandledRejection", (error) => stop.abort(error));

let end: { exitCode: number; message: string };
try {
  const elapsedMs = () => performance.now();
  end = await runWorker({
    environment,
    version,
    elapsedMs,
    stop,
    sleep,
    random: Math.random,
    now: () => new Date(),
  });
} catch (error) {
  end = {
    exitCode: WorkerExit.crashed,
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
  };
}
if (end.message !== "") process.stderr.write(`farhand-worker: ${end.message}\n`);
// Whatever the agent has left running must not keep the sandbox alive.
process.exit(end.exitCode);
