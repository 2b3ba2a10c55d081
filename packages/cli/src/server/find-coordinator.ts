import { ApiError, type Client, createClient, UnreachableError } from "@farhand/client";
import { hasCredentials } from "../sign-in/credentials.ts";
import { signedInSource } from "../sign-in/token-source.ts";
import { readToken, type ServerSettings } from "./server-settings.ts";

export type Found =
  | { status: "found"; client: Client }
  /** Nobody answers at the address. */
  | { status: "none" }
  /** A coordinator answers, and refuses the token that we have, or we have none. */
  | { status: "refused"; error: ApiError | null };

const PROBE_TIMEOUT_MS = 5000;

/** Looks whether a coordinator runs at the address and takes our token. */
export async function findCoordinator(
  settings: Pick<ServerSettings, "url" | "tokenFile" | "isLocal">,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Found> {
  // The owner's token opens nothing from elsewhere, so it goes nowhere else.
  const token =
    (await readToken(env, settings.isLocal ? settings.tokenFile : null)) ??
    ((await hasCredentials(env, settings.url)) ? signedInSource(env, settings.url) : null);
  const client = createClient({ baseUrl: settings.url, token: token ?? "none" });
  try {
    await client.settings(AbortSignal.timeout(PROBE_TIMEOUT_MS));
    return { status: "found", client };
  } catch (error) {
    if (error instanceof ApiError) return { status: "refused", error: token === null ? null : error };
    if (error instanceof UnreachableError || isTimeout(error)) return { status: "none" };
    throw error;
  }
}

const isTimeout = (error: unknown) => error instanceof DOMException && error.name === "TimeoutError";
