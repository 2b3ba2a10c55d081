import { type Client, createClient, UnreachableError } from "@farhand/client";
import { startCoordinatorInBackground } from "../server/coordinator-process.ts";
import {
  coordinatorEnvironment,
  ONE_SHOT_SETTINGS,
  readServerSettings,
  readToken,
} from "../server/server-settings.ts";
import { runStep } from "../terminal/steps.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { CommandContext } from "./context.ts";
import { webAppIfBuilt } from "./prepare-web-app.ts";
import { prepareWorkers } from "./prepare-workers.ts";
import { findRunning } from "./running-coordinator.ts";

/**
 * A client of the coordinator that runs, else of one that is started in the background and goes on when this command
 * ends.
 * @throws UnreachableError, CoordinatorStartError, SetupError
 */
export async function openTaskServer(context: CommandContext, terminal: Terminal): Promise<Client> {
  const { env, root } = context;
  const settings = readServerSettings(env, root);
  const running = await findRunning(context);
  if (running !== null) return running;
  if (settings.isGiven) throw new UnreachableError(settings.url);

  const workers = await prepareWorkers(context, terminal, { withoutDocker: "refuse" });
  const listening = await runStep(terminal, "Coordinator", async () => {
    const started = await startCoordinatorInBackground({
      root,
      env: coordinatorEnvironment({ ...ONE_SHOT_SETTINGS, ...env }, settings.dataDirectory, {
        ...workers.env,
        ...(await webAppIfBuilt(context)),
      }),
      logPath: settings.logFile,
    });
    return {
      value: started,
      detail: `started in the background at ${started.url}, log in ${settings.logFile}`,
    };
  });
  const token = (await readToken(env, listening.tokenFile)) ?? "";
  return createClient({ baseUrl: settings.url, token });
}
