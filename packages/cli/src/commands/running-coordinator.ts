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
    `A coordinator answers at ${settings.url}, but there is no token for it in ${settings.tokenFile}.`,
    "Set FARHAND_TOKEN, or FARHAND_DATA to the data folder of that coordinator.",
  );
}

/** The same for commands that are of no use without one. @throws UnreachableError too */
export async function needRunning(context: Pick<CommandContext, "env" | "root">): Promise<Client> {
  const client = await findRunning(context);
  if (client === null) throw new UnreachableError(readServerSettings(context.env, context.root).url);
  return client;
}
