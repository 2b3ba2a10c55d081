import { type KeyInfo, KeyPurpose, PutKey } from "@farhand/protocol";
import type { Colors } from "picocolors/types";
import { exactLine } from "../terminal/exact-text.ts";
import { formatAge } from "../terminal/format.ts";
import { MARGIN } from "../terminal/page.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { checked } from "./checked.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-code.ts";
import { readSecret } from "./keys-input.ts";
import { needRunning } from "./running-coordinator.ts";
import { UsageError } from "./usage-error.ts";

const NAMES: Record<KeyPurpose, string> = {
  model: "API key for the model",
  github: "GitHub token",
  gitlab: "GitLab token",
};

/** What people call a key, where that is not its purpose. */
const OTHER_NAMES: Readonly<Record<string, KeyPurpose>> = { anthropic: "model", claude: "model" };

/** @returns null for what no key is for */
export function purposeOf(name: string): KeyPurpose | null {
  const other = Object.hasOwn(OTHER_NAMES, name) ? OTHER_NAMES[name] : undefined;
  return other ?? KeyPurpose.safeParse(name).data ?? null;
}

/** Lists the keys that the server keeps for you. @returns the exit code */
export async function listKeys(context: CommandContext, terminal: Terminal): Promise<number> {
  const { keys, serverKeys } = await (await needRunning(context)).keys();
  const { screen, colors, json } = terminal;
  if (keys.length + serverKeys.length === 0)
    screen.print([`${MARGIN}You have no keys here. Add one with: farhand keys add model`]);
  screen.print(keys.flatMap((key) => describeKey(key, colors)));
  screen.print(
    serverKeys.map(
      ({ purpose, host }) =>
        `${MARGIN}· ${colors.bold(purpose)}  ${exactLine(host)}  ${colors.dim("the server's own key, from its environment")}`,
    ),
  );
  json?.({ keys, serverKeys });
  return ExitCode.ok;
}

/** Adds a key, or replaces the one for the same service. @returns the exit code */
export async function addKey(
  context: CommandContext,
  terminal: Terminal,
  options: { purpose: KeyPurpose; url?: string; unchecked: boolean; bearer: boolean },
): Promise<number> {
  const client = await needRunning(context);
  const secret = await readSecret(context, terminal, NAMES[options.purpose]);
  const key = checked(
    PutKey,
    {
      purpose: options.purpose,
      key: secret,
      ...(options.url === undefined ? {} : { baseUrl: options.url }),
      ...(options.bearer ? { isBearer: true } : {}),
    },
    "keys add",
  );
  const kept = await client.putKey(key, { isUnchecked: options.unchecked });
  terminal.screen.print(describeKey(kept, terminal.colors));
  terminal.json?.({ result: "kept", key: kept });
  return ExitCode.ok;
}

/** Tries a kept key again. @returns the exit code, which tells whether the service takes it */
export async function checkKey(
  context: CommandContext,
  terminal: Terminal,
  options: { key: string },
): Promise<number> {
  const client = await needRunning(context);
  const { keys } = await client.keys();
  const key = await client.checkKey(findKey(keys, options.key).id);
  terminal.screen.print(describeKey(key, terminal.colors));
  terminal.json?.({ result: key.check, key });
  return key.check === "ok" ? ExitCode.ok : ExitCode.failed;
}

/** Removes a key. @returns the exit code */
export async function removeKey(
  context: CommandContext,
  terminal: Terminal,
  options: { key: string },
): Promise<number> {
  const client = await needRunning(context);
  const { keys } = await client.keys();
  const key = findKey(keys, options.key);
  const left = await client.removeKey(key.id);
  const { screen, colors, json } = terminal;
  screen.print([`${MARGIN}${colors.green("✓")} The key for ${exactLine(key.host)} is removed.`]);
  json?.({ result: "removed", ...left });
  return ExitCode.ok;
}

/** By its id or the end of it, its host, or its purpose where there is one of that kind alone. */
function findKey(keys: readonly KeyInfo[], wanted: string): KeyInfo {
  const found = keys.filter(
    ({ id, host, purpose }) =>
      host === wanted ||
      purpose === purposeOf(wanted) ||
      id === wanted ||
      (wanted.length >= 6 && id.endsWith(wanted)),
  );
  const [key] = found;
  if (key && found.length === 1) return key;
  throw new UsageError(
    found.length === 0 ? `You have no key ${wanted}.` : `You have ${found.length} keys ${wanted}.`,
    "Name it by its host or its id; `farhand keys` lists yours.",
  );
}

function describeKey(key: KeyInfo, colors: Colors): string[] {
  const mark =
    key.check === "ok"
      ? colors.green("✓")
      : key.check === "unchecked" || key.check === "unreachable"
        ? colors.yellow("!")
        : colors.red("✗");
  const end = key.lastFour === "" ? "" : ` …${exactLine(key.lastFour)}`;
  const how = key.isBearer ? " as a bearer token" : "";
  const age = formatAge(Date.now() - Date.parse(key.addedAt));
  return [
    `${MARGIN}${mark} ${colors.bold(key.purpose)}  ${exactLine(key.host)}${end}${how}  ${colors.dim(`${key.id}, ${age}`)}`,
    `${MARGIN}  ${colors.dim(exactLine(key.checkMessage))}`,
  ];
}
