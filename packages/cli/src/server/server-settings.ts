import { join, resolve } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the coordinator of this machine is, and where it keeps its data. */
export interface ServerSettings {
  /** Address of its API. */
  url: string;
  /** The address was given as such (FARHAND_URL): it may be another machine's, and is never started from here. */
  isGiven: boolean;
  /** The address is this machine's own. */
  isLocal: boolean;
  dataDirectory: string;
  tokenFile: string;
  logFile: string;
}

const DEFAULT_PORT = "8787";
/** Addresses that mean "all interfaces" to a listener and nothing to a client. */
const ANY_HOST = new Set(["", "0.0.0.0", "::"]);

export function readServerSettings(env: Environment, root: string): ServerSettings {
  const dataDirectory = resolve(root, env.FARHAND_DATA || "data");
  const given = env.FARHAND_URL || null;
  const host = ANY_HOST.has(env.FARHAND_HOST ?? "") ? "127.0.0.1" : (env.FARHAND_HOST ?? "");
  const port = env.FARHAND_PORT || DEFAULT_PORT;
  const url = given ?? `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  return {
    url,
    isLocal: isLocal(url),
    isGiven: given !== null,
    dataDirectory,
    tokenFile: join(dataDirectory, "owner.token"),
    logFile: join(dataDirectory, "logs", "coordinator.log"),
  };
}

function isLocal(url: string): boolean {
  const name = URL.canParse(url) ? new URL(url).hostname : "";
  return name === "localhost" || name === "[::1]" || /^127(\.\d{1,3}){3}$/.test(name);
}

/** FARHAND_TOKEN, else the owner's token from the data folder; null where there is neither. */
export async function readToken(env: Environment, tokenFile: string | null): Promise<string | null> {
  if (env.FARHAND_TOKEN) return env.FARHAND_TOKEN;
  if (tokenFile === null) return null;
  const file = Bun.file(tokenFile);
  if (!(await file.exists())) return null;
  return (await file.text()).trim() || null;
}

/** Variables that say how to reach a coordinator: they mean nothing to the coordinator itself. */
const CLIENT_VARIABLES = new Set(["FARHAND_URL", "FARHAND_TOKEN"]);

/** The environment of a coordinator that is started from here: this command's own, and what it has prepared. */
export function coordinatorEnvironment(
  env: Environment,
  dataDirectory: string,
  prepared: Record<string, string>,
): Record<string, string> {
  const own = Object.entries(env).flatMap(([name, value]): [string, string][] =>
    value === undefined || CLIENT_VARIABLES.has(name) ? [] : [[name, value]],
  );
  return { ...Object.fromEntries(own), ...prepared, FARHAND_DATA: dataDirectory };
}

/**
 * For servers that are there for one task: a sandbox ends with its turn and is not kept for the next. Whoever has set
 * it otherwise is listened to.
 */
export const ONE_SHOT_SETTINGS: Readonly<Record<string, string>> = { FARHAND_WARM_SECONDS: "0" };

/** An environment in which the user's own settings and model key do not show, for servers of a demo or a test. */
export function withoutSettings(env: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]): [string, string][] =>
      value === undefined || name.startsWith("FARHAND_") || name.startsWith("ANTHROPIC_")
        ? []
        : [[name, value]],
    ),
  );
}
