import { hostname, platform } from "node:os";
import { askForDeviceCode, createClient, waitForApproval } from "@farhand/client";
import { renderUnicodeCompact } from "uqr";
import packageJson from "../../package.json";
import { readServerSettings } from "../server/server-settings.ts";
import { credentialStore, credentialsFile } from "../sign-in/credentials.ts";
import { CLIENT_ID } from "../sign-in/token-source.ts";
import { exactLine } from "../terminal/exact-text.ts";
import { MARGIN } from "../terminal/page.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-code.ts";
import { orAborted, stopSignal } from "./interrupts.ts";
import { UsageError } from "./usage-error.ts";

/** What people see of this program in the list of their devices. */
const USER_AGENT = `farhand-cli/${packageJson.version} (${hostname()}, ${platform()})`;

/** Signs this command line in at a coordinator, with the help of a browser anywhere. @returns the exit code */
export async function login(
  context: CommandContext,
  terminal: Terminal,
  options: { url: string | undefined },
): Promise<number> {
  const { screen, colors, json } = terminal;
  const url = serverUrl(context, options.url);
  using stop = stopSignal();
  const code = await askForDeviceCode(url, CLIENT_ID, stop.signal);
  screen.print([
    "",
    `${MARGIN}Open ${colors.cyan(exactLine(code.url))}`,
    `${MARGIN}and check that it shows the code ${colors.bold(exactLine(code.userCode))}`,
    "",
    ...qrLines(code.url, terminal),
    `${MARGIN}${colors.dim("Waiting for it …")}`,
  ]);
  json?.({ event: "approve", url: code.url, userCode: code.userCode });
  const tokens = await orAborted(
    waitForApproval(url, CLIENT_ID, code, { signal: stop.signal, userAgent: USER_AGENT }),
    stop.signal,
  );
  const store = credentialStore(credentialsFile(context.env), url);
  await store.exclusively(() => store.save(tokens));
  const me = await createClient({ baseUrl: url, token: tokens.accessToken }).me();
  screen.print([
    `${MARGIN}${colors.green("✓")} Signed in at ${exactLine(url)} as ${exactLine(me.login)} (${me.role}).`,
    ...(context.env.FARHAND_URL === url || options.url === undefined
      ? []
      : [`${MARGIN}${colors.dim(`Set FARHAND_URL=${url} to work with it.`)}`]),
    "",
  ]);
  json?.({ result: "signed-in", url, login: me.login, role: me.role });
  return ExitCode.ok;
}

/** Ends this command line's sign-in there, and forgets it here. @returns the exit code */
export async function logout(
  context: CommandContext,
  terminal: Terminal,
  options: { url: string | undefined },
): Promise<number> {
  const { screen, json } = terminal;
  const url = serverUrl(context, options.url);
  const store = credentialStore(credentialsFile(context.env), url);
  const tokens = await store.load();
  if (tokens === null) {
    screen.print([`${MARGIN}You are not signed in at ${url} from here.`]);
    json?.({ result: "not-signed-in", url });
    return ExitCode.ok;
  }
  const isEnded = await fetch(`${url}/api/auth/oauth2/revoke`, {
    method: "POST",
    body: new URLSearchParams({ token: tokens.refreshToken, client_id: CLIENT_ID }),
  }).then(
    (answer) => answer.ok,
    () => false,
  );
  await store.forget();
  screen.print([
    isEnded
      ? `${MARGIN}Signed out at ${url}.`
      : `${MARGIN}The sign-in at ${url} is forgotten here, but the coordinator did not answer: end it there with \`farhand sessions\`.`,
  ]);
  json?.({ result: "signed-out", url, isEnded });
  return ExitCode.ok;
}

/**
 * For phones. Only where somebody looks; and of an address that is this machine's own, which would lead a phone to
 * itself, only that it cannot be opened there.
 */
export function qrLines(url: string, { isLive }: Pick<Terminal, "isLive">): string[] {
  if (!isLive) return [];
  if (isOwnMachine(new URL(url).hostname))
    return [
      `${MARGIN}A phone cannot open this: the address is this machine's own. Set FARHAND_PUBLIC_URL to the one by which`,
      `${MARGIN}others reach the server, such as https://farhand.example.com, and start it again.`,
      "",
    ];
  return [
    ...renderUnicodeCompact(url, { border: 1 })
      .split("\n")
      .map((line) => `${MARGIN}${line}`),
    "",
  ];
}

const isOwnMachine = (host: string) =>
  host === "localhost" ||
  host === "[::1]" ||
  host === "0.0.0.0" ||
  host === "[::]" ||
  /^127(\.\d{1,3}){3}$/.test(host);

function serverUrl({ env, root }: CommandContext, given: string | undefined): string {
  const url = (given ?? readServerSettings(env, root).url).replace(/\/+$/, "");
  if (/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : "")) return new URL(url).origin;
  throw new UsageError(
    `${url} is not the address of a coordinator.`,
    "An address begins with https:// or http://, such as https://farhand.example.com.",
  );
}
