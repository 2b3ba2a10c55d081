import { exactLine } from "../terminal/exact-text.ts";
import { MARGIN } from "../terminal/page.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { padEnd, widthOf } from "../terminal/wrap.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-code.ts";
import { needRunning } from "./running-coordinator.ts";

/** Lists the invites that nobody has used yet. @returns the exit code */
export async function listInvites(context: CommandContext, terminal: Terminal): Promise<number> {
  const { invites } = await (await needRunning(context)).invites();
  const { screen, colors, json } = terminal;
  const rows = invites.map(({ id, provider, login, expiresAt }) => [
    exactLine(id),
    login === null ? "by link" : exactLine(`${login} at ${provider}`),
    `until ${expiresAt.replace("T", " ").slice(0, 16)}`,
  ]);
  const widths = [0, 1].map((column) => Math.max(0, ...rows.map((row) => widthOf(row[column] ?? ""))));
  if (json) for (const invite of invites) json(invite);
  else if (rows.length === 0) screen.print([`${MARGIN}No invite is open.`]);
  else
    screen.print(
      rows.map(([id = "", whom = "", until = ""]) => {
        const [w0 = 0, w1 = 0] = widths;
        return `${MARGIN}${colors.cyan(padEnd(id, w0))}  ${padEnd(whom, w1)}  ${colors.dim(until)}`;
      }),
    );
  return ExitCode.ok;
}

/** Withdraws an invite that nobody has used yet. @returns the exit code */
export async function withdrawInvite(
  context: CommandContext,
  terminal: Terminal,
  { id }: { id: string },
): Promise<number> {
  await (await needRunning(context)).withdrawInvite(id);
  const { screen, json } = terminal;
  screen.print([`${MARGIN}The invite is withdrawn.`]);
  json?.({ result: "withdrawn", id });
  return ExitCode.ok;
}
