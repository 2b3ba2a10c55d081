import { ensureDocker } from "../setup/engine.ts";
import { type EngineProbe, probeEngine } from "../setup/engine-probe.ts";
import { ensureWorkerImage } from "../setup/image.ts";
import { SetupError } from "../setup/setup-error.ts";
import { ensureWorkerBinary } from "../setup/worker-binary.ts";
import { runStep } from "../terminal/steps.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { CommandContext } from "./context.ts";

/** A client of the engine that answers. */
export type Engine = Extract<EngineProbe, { status: "answers" }>["docker"];

export interface PreparedWorkers {
  /** The engine; null where workers run without one. */
  docker: Engine | null;
  /** What a coordinator must be told in its environment to use them. */
  env: Record<string, string>;
}

/**
 * Makes sure that this machine can run workers: the Docker engine, the worker image and the worker binary.
 * FARHAND_SANDBOX=process does without Docker; FARHAND_WORKER_IMAGE and FARHAND_WORKER_BINARY are taken as they
 * are.
 * @param options.withoutDocker what to do where no Docker can be had
 * @throws SetupError
 */
export async function prepareWorkers(
  { root, env }: Pick<CommandContext, "root" | "env">,
  terminal: Terminal,
  options: { withoutDocker: "refuse" | "use-process" },
): Promise<PreparedWorkers> {
  const docker = await findDocker(env, terminal, options.withoutDocker);
  const prepared: Record<string, string> = { FARHAND_SANDBOX: docker ? "docker" : "process" };
  if (docker) {
    prepared.FARHAND_WORKER_IMAGE =
      env.FARHAND_WORKER_IMAGE ||
      (await runStep(terminal, "Worker image", async (log) => {
        const { image, built } = await ensureWorkerImage({ docker, root, log });
        return { value: image, detail: built ? `${image}, built` : image };
      }));
  } else {
    warnOfNoIsolation(terminal);
  }
  prepared.FARHAND_WORKER_BINARY =
    env.FARHAND_WORKER_BINARY ||
    (await runStep(terminal, "Worker binary", async (log) => {
      const path = await ensureWorkerBinary({ root, log });
      return { value: path, detail: path };
    }));
  return { docker, env: prepared };
}

async function findDocker(
  env: CommandContext["env"],
  terminal: Terminal,
  withoutDocker: "refuse" | "use-process",
): Promise<Engine | null> {
  if (env.FARHAND_SANDBOX === "process") return null;
  return runStep(terminal, "Docker", async (log) => {
    const engine = await ensureDocker({ log, allowInstall: true, env });
    if (engine.available) {
      const probe = await probeEngine(engine.socketPath);
      if (probe.status === "answers") return { value: probe.docker, detail: `engine ${probe.version}` };
      throw new SetupError("The Docker engine stopped answering.", "Run: farhand doctor");
    }
    if (withoutDocker === "refuse") throw new SetupError(engine.reason, engine.action);
    return { value: null, detail: `${engine.reason} ${engine.action}`, mark: "warning" };
  });
}

function warnOfNoIsolation({ screen, colors, json }: Terminal): void {
  const text = [
    "NO ISOLATION: the agent runs as an ordinary process of this account.",
    "It can read and change everything that you can, and reach every network.",
    "Use it only on a machine that you can afford to lose.",
  ];
  screen.print([
    "",
    ...text.map((line) => `  ${colors.yellow("┃")} ${colors.bold(colors.yellow(line))}`),
    "",
  ]);
  json?.({ type: "warning", code: "not_isolated", message: text.join(" ") });
}
