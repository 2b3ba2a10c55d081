import { PutSecret, type SecretList } from "@farhand/protocol";
import { exactLine } from "../terminal/exact-text.ts";
import { MARGIN } from "../terminal/page.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { checked } from "./checked.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-code.ts";
import { readSecret } from "./keys-input.ts";
import { repositoryArgument } from "./repository-argument.ts";
import { needRunning } from "./running-coordinator.ts";

/** As `repositoryArgument`, and in the form in which secrets are listed: `github.com/owner/name`. */
function nameArgument(given: string, cwd: string): string {
  return /^[a-z0-9-]+(\.[a-z0-9-]+)+(:\d+)?\/./i.test(given)
    ? `https://${given}`
    : repositoryArgument(given, cwd);
}

/** Lists the variables of one repository, or of all. @returns the exit code */
export async function listSecrets(
  context: CommandContext,
  terminal: Terminal,
  options: { repository?: string },
): Promise<number> {
  const client = await needRunning(context);
  const named = options.repository;
  return show(
    await client.secrets(named === undefined ? undefined : nameArgument(named, context.cwd)),
    terminal,
  );
}

/** Sets a variable; its value comes from standard input. @returns the exit code */
export async function setSecret(
  context: CommandContext,
  terminal: Terminal,
  options: { repository: string; name: string; forAgent: boolean },
): Promise<number> {
  const client = await needRunning(context);
  const secret = {
    repository: nameArgument(options.repository, context.cwd),
    name: options.name,
    value: await readSecret(context, terminal, `Value of ${exactLine(options.name)}`),
    isForAgent: options.forAgent,
  };
  return show(await client.putSecret(checked(PutSecret, secret, "secrets set")), terminal);
}

/** Removes a variable. @returns the exit code */
export async function removeSecret(
  context: CommandContext,
  terminal: Terminal,
  options: { repository: string; name: string },
): Promise<number> {
  const client = await needRunning(context);
  const repository = nameArgument(options.repository, context.cwd);
  return show(await client.removeSecret(repository, options.name), terminal);
}

function show(list: SecretList, { screen, colors, json }: Terminal): number {
  if (list.secrets.length === 0) screen.print([`${MARGIN}There are no secrets.`]);
  for (const { repository, name, isForAgent, lastFour } of list.secrets) {
    const whom = isForAgent ? colors.yellow("setup and agent") : colors.dim("setup alone");
    const end = lastFour === "" ? "" : `  …${exactLine(lastFour)}`;
    screen.print([`${MARGIN}${colors.bold(exactLine(name))}  ${exactLine(repository)}${end}  ${whom}`]);
  }
  if (list.warning !== null) screen.print([`${MARGIN}${colors.yellow("!")} ${exactLine(list.warning)}`]);
  json?.(list);
  return ExitCode.ok;
}
