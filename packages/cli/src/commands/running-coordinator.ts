import { type Client, UnreachableError } from "@farhand/client";
import { CoordinatorStartError } from "../server/coordinator-process.ts";
import { findCoordinator } from "../server/find-coordinator.ts";
import { readServerSettings } from "../server/server-settings.ts";
import type { CommandContext } from "./context.ts";

/**
 * A client of the coordinator that runs; null where none does.
 * @throws ApiError, CoordinatorStartError where one runs that we have no token for
 */
export async function findRunning({
  env,
  root,
}: Pick<CommandContext, "env" | "root">): Promise<Client | null> {
  const settings = readServerSettings(env, root);
  const found = await findCoordinator(settings, env);
  if (found.status === "found") return found.client;
  if (found.status === "none") return null;
  if (found.error) throw found.error;
  throw new CoordinatorStartError(
    "unauthorized",
    `A coordinator answers at ${settings.url}, and you are not signed in there${settings.isLocal ? `: there is no token for it in ${settings.tokenFile}` : ""}.`,
    `Sign in with: farhand login ${settings.url}${settings.isLocal ? " — or set FARHAND_DATA to its data folder." : ""}`,
  );
}

/** The same for commands that are of no use without one. @throws UnreachableError too */
export async function needRunning(context: Pick<CommandContext, "env" | "root">): Promise<Client> {
  const client = await findRunning(context);
  if (client === null) throw new UnreachableError(readServerSettings(context.env, context.root).url);
  return client;
}
