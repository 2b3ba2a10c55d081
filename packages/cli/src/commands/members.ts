import type { Client } from "@farhand/client";
import type { MemberCap, MemberInfo, SpendingLimit } from "@farhand/protocol";
import { exactLine } from "../terminal/exact-text.ts";
import { formatCap, formatSpending } from "../terminal/format.ts";
import { MARGIN } from "../terminal/page.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { padEnd, widthOf } from "../terminal/wrap.ts";
import type { CommandContext } from "./context.ts";
import type { Amount } from "./cost.ts";
import { ExitCode } from "./exit-code.ts";
import { needRunning } from "./running-coordinator.ts";
import { UsageError } from "./usage-error.ts";

/** Of one day and in all. What is not named stays as it is. */
export interface CapOptions {
  usdDay?: Amount;
  tokensDay?: Amount;
  usd?: Amount;
  tokens?: Amount;
}

const NO_LIMIT: SpendingLimit = { maxUsd: null, maxTokens: null };

/** Lists the people with their role, cap and spending. @returns the exit code */
export async function listMembers(context: CommandContext, terminal: Terminal): Promise<number> {
  const { members } = await (await needRunning(context)).members();
  const { screen, colors, json } = terminal;
  const table = [
    ["login", "role", "today", "ever", "cap"],
    ...members.map(({ login, role, spent, cap }) => [
      exactLine(login),
      role,
      formatSpending(spent.today),
      formatSpending(spent.ever),
      cap === null ? "none" : formatCap(cap),
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => widthOf(row[column] ?? ""))));
  screen.print(
    table.map((row, index) => {
      const line = row.map((cell, column) => padEnd(cell, widths[column] ?? 0)).join("  ");
      return `${MARGIN}${index === 0 ? colors.dim(line) : line}`.trimEnd();
    }),
  );
  if (json) for (const member of members) json(member);
  return ExitCode.ok;
}

/** Caps what one member may spend; what is not named stays. @returns the exit code */
export async function capMember(
  context: CommandContext,
  terminal: Terminal,
  options: CapOptions & { login: string },
): Promise<number> {
  const { usdDay, tokensDay, usd, tokens } = options;
  if ([usdDay, tokensDay, usd, tokens].every((amount) => amount === undefined))
    throw new UsageError("No amount is named.", "See: farhand members cap --help");
  const client = await needRunning(context);
  const member = await memberOf(client, options.login);
  const before = member.cap ?? { day: NO_LIMIT, user: NO_LIMIT };
  const cap: MemberCap = {
    day: changed(before.day, usdDay, tokensDay),
    user: changed(before.user, usd, tokens),
  };
  const now = await client.updateMember(member.id, { cap });
  const { screen, colors, json } = terminal;
  const login = exactLine(now.login);
  screen.print([
    now.cap === null
      ? `${MARGIN}${colors.green("✓")} What ${login} may spend is not capped any more.`
      : `${MARGIN}${colors.green("✓")} ${login} may spend ${formatCap(now.cap)}.`,
  ]);
  json?.(now);
  return ExitCode.ok;
}

/** Ends a member's ways in. @returns the exit code */
export async function removeMember(
  context: CommandContext,
  terminal: Terminal,
  { login }: { login: string },
): Promise<number> {
  const client = await needRunning(context);
  const member = await memberOf(client, login);
  await client.removeMember(member.id);
  const { screen, json } = terminal;
  screen.print([`${MARGIN}${exactLine(member.login)} has no way in any more. What they did stays.`]);
  json?.({ result: "removed", id: member.id, login: member.login });
  return ExitCode.ok;
}

/** @throws UsageError where nobody is called so */
export async function memberOf(client: Client, login: string): Promise<MemberInfo> {
  const { members } = await client.members();
  const found = members.find((member) => member.login === login || member.id === login);
  if (found) return found;
  const known = members.map((member) => exactLine(member.login)).join(", ");
  throw new UsageError(`Nobody here is called ${exactLine(login)}.`, `There are: ${known}.`);
}

function changed(before: SpendingLimit, usd: Amount | undefined, tokens: Amount | undefined): SpendingLimit {
  const amount = (given: Amount | undefined, old: number | null) => {
    if (given === undefined) return old;
    return given === "none" ? null : given;
  };
  return { maxUsd: amount(usd, before.maxUsd), maxTokens: amount(tokens, before.maxTokens) };
}
