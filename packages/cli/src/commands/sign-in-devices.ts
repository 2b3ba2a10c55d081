import type { SessionInfo } from "@farhand/protocol";
import type { Colors } from "picocolors/types";
import { exactLine } from "../terminal/exact-text.ts";
import { MARGIN } from "../terminal/page.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { padEnd, widthOf } from "../terminal/wrap.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-code.ts";
import { memberOf } from "./members.ts";
import { needRunning } from "./running-coordinator.ts";
import { qrLines } from "./sign-in.ts";
import { UsageError } from "./usage-error.ts";

/** Lists what is signed in as the same person, or signs one of it out. @returns the exit code */
export async function sessions(
  context: CommandContext,
  terminal: Terminal,
  options: { end: string | undefined },
): Promise<number> {
  const { screen, colors, json } = terminal;
  const client = await needRunning(context);
  if (options.end !== undefined) {
    await client.endSession(options.end);
    screen.print([`${MARGIN}Signed out.`]);
    json?.({ result: "signed-out", id: options.end });
    return ExitCode.ok;
  }
  const found = (await client.sessions()).sessions;
  if (json) for (const session of found) json(session);
  else if (found.length === 0) screen.print([`${MARGIN}Nothing is signed in.`]);
  else screen.print(sessionTable(found, colors));
  return ExitCode.ok;
}

/**
 * Prints a link that signs in another device of the same person, or a member who has no other way in (owner only).
 *
 * @returns the exit code
 */
export async function link(
  context: CommandContext,
  terminal: Terminal,
  options: { member: string | undefined },
): Promise<number> {
  const { screen, colors, json } = terminal;
  const { member } = options;
  const client = await needRunning(context);
  const { url, expiresAt } =
    member === undefined
      ? await client.makeSignInLink()
      : await client.makeMemberLink((await memberOf(client, member)).id);
  screen.print([
    "",
    `${MARGIN}${member === undefined ? "Open this on the other device:" : `Send this to ${exactLine(member)}:`}`,
    `${MARGIN}${colors.cyan(exactLine(url))}`,
    "",
    ...(member === undefined ? qrLines(url, terminal) : []),
    `${MARGIN}${colors.dim(
      member === undefined
        ? "It works once, within five minutes. Whoever opens it is signed in as you."
        : "It works once, within a day. Whoever opens it is signed in as that person.",
    )}`,
    "",
  ]);
  json?.({ result: "link", url, expiresAt });
  return ExitCode.ok;
}

/** Invites somebody by login, or makes an invite's link. @returns the exit code */
export async function invite(
  context: CommandContext,
  terminal: Terminal,
  options: { login: string | undefined; provider: string },
): Promise<number> {
  const { screen, colors, json } = terminal;
  const { login } = options;
  if (options.provider !== "github" && options.provider !== "gitlab")
    throw new UsageError(`There are no invites by a login at ${options.provider}.`, "Say github or gitlab.");
  const client = await needRunning(context);
  const made = await client.invite(login === undefined ? null : { provider: options.provider, login });
  screen.print(
    made.url === null
      ? [`${MARGIN}${exactLine(login ?? "")} can now sign in with ${options.provider}, within seven days.`]
      : [
          `${MARGIN}Send this link to the person. It works once, within seven days, for whoever opens it:`,
          `${MARGIN}${colors.cyan(exactLine(made.url))}`,
        ],
  );
  json?.({ result: "invited", ...made });
  return ExitCode.ok;
}

export function sessionTable(found: readonly SessionInfo[], colors: Colors): string[] {
  const rows = found.map((session) =>
    [
      session.id,
      session.kind,
      session.usedAt.replace("T", " ").slice(0, 16),
      session.address ?? "—",
      `${session.label}${session.isCurrent ? " (this one)" : ""}`,
    ].map(exactLine),
  );
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ""))));
  return rows.map(([id = "", kind = "", used = "", address = "", label = ""]) => {
    const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = widths;
    return `${MARGIN}${colors.cyan(padEnd(id, w0))}  ${padEnd(kind, w1)}  ${colors.dim(padEnd(used, w2))}  ${colors.dim(padEnd(address, w3))}  ${label}`;
  });
}
