import type { Terminal } from "../terminal/terminal.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-code.ts";
import { needRunning } from "./running-coordinator.ts";
import { findTask } from "./task/task-argument.ts";

/** Lets the sandboxes of a task's repository reach one more host. @returns the exit code */
export async function allow(
  context: CommandContext,
  terminal: Terminal,
  options: { task: string; host: string },
): Promise<number> {
  const client = await needRunning(context);
  const { id } = await findTask(client, options.task);
  const egress = await client.allowHost(id, options.host);
  const { screen, colors, json } = terminal;
  screen.print([
    `  ${colors.green("✓")} ${options.host} may be reached from now on, by tasks of ${egress.repository}.`,
  ]);
  json?.({ ...egress });
  return ExitCode.ok;
}
