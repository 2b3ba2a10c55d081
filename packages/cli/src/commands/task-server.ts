import { type Client, createClient, UnreachableError } from "@farhand/client";
import { CoordinatorStartError, startCoordinatorInBackground } from "../server/coordinator-process.ts";
import { findCoordinator } from "../server/find-coordinator.ts";
import { coordinatorEnvironment, readServerSettings, readToken } from "../server/server-settings.ts";
import { runStep } from "../terminal/steps.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { CommandContext } from "./context.ts";
import { prepareWorkers } from "./prepare-workers.ts";

export interface TaskServer {
  client: Client;
  /** What a shell writes for the token, without the token in it. */
  authorization: string;
}

/**
 * The coordinator that runs, else one that is started in the background and goes on when this command ends.
 * @throws UnreachableError, CoordinatorStartError, SetupError
 */
export async function openTaskServer(context: CommandContext, terminal: Terminal): Promise<TaskServer> {
  const { env, root } = context;
  const settings = readServerSettings(env, root);
  const authorization = env.FARHAND_TOKEN ? "$FARHAND_TOKEN" : `$(cat ${settings.tokenFile})`;
  const found = await findCoordinator(settings, env);
  if (found.status === "found") return { client: found.client, authorization };
  if (found.status === "refused") {
    if (found.error) throw found.error;
    throw new CoordinatorStartError(
      "unauthorized",
      `A coordinator answers at ${settings.url}, but there is no token for it in ${settings.tokenFile}.`,
      "Set FARHAND_TOKEN, or FARHAND_DATA to the data folder of that coordinator.",
    );
  }
  if (settings.isGiven) throw new UnreachableError(settings.url);

  const workers = await prepareWorkers(context, terminal, { withoutDocker: "refuse" });
  const listening = await runStep(terminal, "Coordinator", async () => {
    const started = await startCoordinatorInBackground({
      root,
      env: coordinatorEnvironment(env, settings.dataDirectory, workers.env),
      logPath: settings.logFile,
    });
    return {
      value: started,
      detail: `started in the background at ${started.url}, log in ${settings.logFile}`,
    };
  });
  const token = (await readToken(env, listening.tokenFile)) ?? "";
  return { client: createClient({ baseUrl: settings.url, token }), authorization };
}
