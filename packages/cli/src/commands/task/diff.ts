import { Revision } from "@farhand/protocol";
import { diffLines } from "../../terminal/diff.ts";
import { formatDiffStat } from "../../terminal/format.ts";
import { MARGIN } from "../../terminal/page.ts";
import type { Terminal } from "../../terminal/terminal.ts";
import { checked } from "../checked.ts";
import type { CommandContext } from "../context.ts";
import { ExitCode } from "../exit-code.ts";
import { needRunning } from "../running-coordinator.ts";
import { findTask } from "./task-argument.ts";

/**
 * Shows what changed between two states of a task's files: in colours on a terminal, elsewhere as the unified diff
 * that it is, for `git apply` and the like. @returns the exit code
 */
export async function diff(
  context: CommandContext,
  terminal: Terminal,
  options: { task: string; from?: string; to?: string },
): Promise<number> {
  const range = {
    ...(options.from === undefined ? {} : { from: checked(Revision, options.from, "diff") }),
    ...(options.to === undefined ? {} : { to: checked(Revision, options.to, "diff") }),
  };
  const client = await needRunning(context);
  const task = await findTask(client, options.task);
  const found = await client.diff(task.id, range);
  const { screen, colors, json } = terminal;
  if (json) json(found);
  else if (context.stdout.isTTY !== true) {
    context.stdout.write(found.text);
    if (found.truncated) context.stderr.write("The diff is cut off: it is too large to be given whole.\n");
  } else if (found.text === "") screen.print([`${MARGIN}Nothing has changed.`]);
  else {
    const maxLines = Number.POSITIVE_INFINITY;
    screen.print([
      "",
      ...diffLines(found, { colors, width: screen.width, maxLines }),
      "",
      `${MARGIN}${formatDiffStat(found)}`,
    ]);
  }
  return ExitCode.ok;
}
