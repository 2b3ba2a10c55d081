import { ForkTask } from "@farhand/protocol";
import type { Terminal } from "../../terminal/terminal.ts";
import { attachFiles, named } from "../attach-files.ts";
import { checked } from "../checked.ts";
import type { CommandContext } from "../context.ts";
import { ExitCode } from "../exit-code.ts";
import { needRunning } from "../running-coordinator.ts";
import { taskResult } from "../task-result.ts";
import { textArgument } from "../text-argument.ts";
import { watchTask } from "../watch-task.ts";
import { findTask } from "./task-argument.ts";

export interface ForkOptions {
  task: string;
  /** `-` for standard input. */
  prompt: string;
  turn?: number;
  model?: string;
  /** Paths. */
  attach: readonly string[];
  watch: boolean;
}

/** Makes a new task that starts from the end of a turn of another. @returns the exit code */
export async function fork(
  context: CommandContext,
  terminal: Terminal,
  options: ForkOptions,
): Promise<number> {
  const command = checked(
    ForkTask,
    {
      prompt: await textArgument(options.prompt, context),
      ...(options.turn === undefined ? {} : { turn: options.turn }),
      ...(options.model === undefined ? {} : { model: options.model }),
    },
    "fork",
  );
  const client = await needRunning(context);
  const source = await findTask(client, options.task);
  const attachments = await attachFiles(client, options.attach, context.cwd);
  const task = await client.fork(source.id, {
    ...command,
    ...named(attachments),
  });
  if (options.watch)
    return watchTask(context, terminal, { client, taskId: task.id, after: 0, restFrom: task.lastSeq });
  const { screen, colors, json } = terminal;
  screen.print([
    `  ${colors.green("✓")} The fork is task ${task.id}.`,
    `    ${colors.dim(`See it with: farhand watch ${task.id.slice(-8)}`)}`,
  ]);
  json?.(taskResult(task));
  return ExitCode.ok;
}
