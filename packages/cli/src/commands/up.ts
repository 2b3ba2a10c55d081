import { startCoordinator } from "../server/coordinator-process.ts";
import { findCoordinator } from "../server/find-coordinator.ts";
import { coordinatorEnvironment, readServerSettings } from "../server/server-settings.ts";
import { runStep } from "../terminal/steps.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-code.ts";
import { orAborted, stopSignal } from "./interrupts.ts";
import { prepareWebApp } from "./prepare-web-app.ts";
import { prepareWorkers } from "./prepare-workers.ts";
import { qrLines } from "./sign-in.ts";

/** The coordinator promises to stop within ten seconds. */
const STOP_GRACE_MS = 12_000;

/** Prepares the machine and runs the coordinator until it is told to stop. @returns the exit code */
export async function up(context: CommandContext, terminal: Terminal): Promise<number> {
  const { env, root } = context;
  const { screen, colors, isLive, json } = terminal;
  const settings = readServerSettings(env, root);
  const found = await findCoordinator(settings, env);
  if (found.status === "found") {
    screen.print([`  A coordinator with this data folder runs already: ${colors.cyan(settings.url)}`]);
    json?.({ event: "already-running", url: settings.url, tokenFile: settings.tokenFile });
    return ExitCode.ok;
  }

  using stop = stopSignal();
  const workers = await orAborted(
    prepareWorkers(context, terminal, { withoutDocker: "refuse" }),
    stop.signal,
  );
  const app = await orAborted(prepareWebApp(context, terminal), stop.signal);
  // In a terminal the log would bury the address; a service manager wants it.
  const logPath = isLive ? settings.logFile : null;
  const { listening, process: coordinator } = await runStep(terminal, "Coordinator", async () => {
    const started = await startCoordinator({
      root,
      env: coordinatorEnvironment(env, settings.dataDirectory, { ...workers.env, ...app }),
      logPath,
    });
    return { value: started, detail: "runs" };
  });
  await using _coordinator = coordinator;
  json?.(listening);
  const fact = (name: string, value: string) => `  ${colors.dim(name.padEnd(9))} ${value}`;
  screen.print([
    "",
    fact("address", colors.cyan(listening.url)),
    fact("token", listening.tokenFile),
    fact("sandbox", listening.isolated ? listening.sandbox : `${listening.sandbox}, without isolation`),
    ...(logPath === null ? [] : [fact("log", logPath)]),
    "",
    ...setupLines(listening.setupUrl, terminal),
    ...(isLive ? [`  ${colors.dim("Ctrl-C stops it.")}`] : []),
  ]);

  const ended = await Promise.race([coordinator.exited, whenAborted(stop.signal)]);
  if (ended === null) {
    screen.print(["  Stopping …"]);
    await coordinator.stop(STOP_GRACE_MS);
    return ExitCode.ok;
  }
  screen.print([`  ${colors.red("✗")} The coordinator ended with code ${ended}.`]);
  return ended === 0 ? ExitCode.ok : ExitCode.failed;
}

/** Nobody owns the server yet. */
export function setupLines(
  setupUrl: string | null,
  { colors, json }: Pick<Terminal, "colors" | "json">,
): string[] {
  if (setupUrl === null) return [];
  return [
    "  Nobody has signed in here yet. Make the server yours in a browser, within an hour:",
    `  ${colors.cyan(setupUrl)}`,
    "",
    // A service's log is where people look for it: in a container there is no terminal.
    ...qrLines(setupUrl, { isLive: json === null }),
  ];
}

function whenAborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener("abort", () => resolve(null), { once: true });
  });
}
