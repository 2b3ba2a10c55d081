import { SendMessage } from "@farhand/protocol";
import type { Terminal } from "../../terminal/terminal.ts";
import { isAtRest } from "../../terminal/transcript.ts";
import { attachFiles, named } from "../attach-files.ts";
import { checked } from "../checked.ts";
import type { CommandContext } from "../context.ts";
import { ExitCode } from "../exit-code.ts";
import { needRunning } from "../running-coordinator.ts";
import { textArgument } from "../text-argument.ts";
import { watchTask } from "../watch-task.ts";
import { findTask } from "./task-argument.ts";
import { publishedBefore } from "./watch.ts";

/** Steers the turn that is under way, or starts the next one. @returns the exit code */
export async function send(
  context: CommandContext,
  terminal: Terminal,
  options: { task: string; text: string; attach: readonly string[]; watch: boolean },
): Promise<number> {
  const message = checked(SendMessage, { text: await textArgument(options.text, context) }, "send");
  const client = await needRunning(context);
  const before = await findTask(client, options.task);
  const attachments = await attachFiles(client, options.attach, context.cwd);
  const sent = await client.sendMessage(before.id, {
    ...message,
    ...named(attachments),
  });
  if (!options.watch) {
    const { screen, colors, json } = terminal;
    const said =
      sent.status === "started"
        ? `Turn ${sent.turn} has begun.`
        : "The message waits: the agent gets it before its next step.";
    screen.print([`  ${colors.green("✓")} ${said}`]);
    json?.({ result: sent.status, taskId: before.id, messageId: sent.messageId, turn: sent.turn });
    return ExitCode.ok;
  }
  const after = await client.getTask(before.id);
  const state = sent.status === "queued" && !isAtRest(before.state) ? before.state : "queued";
  return watchTask(context, terminal, {
    client,
    taskId: before.id,
    after: before.lastSeq,
    restFrom: after.lastSeq,
    known: { state, turn: before.turn, ...publishedBefore(before) },
  });
}
