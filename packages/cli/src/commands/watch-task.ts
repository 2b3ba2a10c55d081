import type { Client } from "@farhand/client";
import type { Task } from "@farhand/protocol";
import { TaskView } from "../terminal/task-view.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { Transcript } from "../terminal/transcript.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-code.ts";
import { followTask } from "./follow-task.ts";
import { taskResult } from "./task-result.ts";

export interface WatchOptions {
  /** Show the log after this seq. */
  after: number;
  /** The task counts as being at rest from this seq on; before it, what is shown has long been. */
  restFrom: number;
  /** What is known of the task from what is not shown. */
  known?: Partial<Transcript>;
}

/** Shows a task until its turn has ended, and what came of it. @returns the exit code */
export async function watchTask(
  context: CommandContext,
  terminal: Terminal,
  { client, taskId, ...options }: WatchOptions & { client: Client; taskId: string },
): Promise<number> {
  if (!terminal.json) terminal.screen.print([""]);
  using view = new TaskView(terminal, "Ctrl-C for choices", options.known);
  const keyboard = terminal.isLive && context.stdin.isTTY ? context.stdin : null;
  const { after, restFrom } = options;
  const ending = await followTask({ client, taskId, view, keyboard, after, restFrom });
  if (ending === "left") {
    view[Symbol.dispose]();
    sayHowToReturn(terminal, taskId);
    terminal.json?.({ result: "watching-stopped", taskId });
    return ExitCode.interrupted;
  }
  const ended = await client.getTask(taskId);
  const diff = view.transcript.published && !ended.removed ? await client.diff(taskId) : null;
  view.conclude(diff);
  const wasStopped = ended.state === "idle" && view.transcript.wasStopped;
  terminal.json?.({ ...taskResult(ended), ...(wasStopped ? { result: "stopped" } : {}) });
  return wasStopped ? ExitCode.interrupted : exitCodeOf(ended);
}

function exitCodeOf({ state }: Task): number {
  if (state === "failed") return ExitCode.failed;
  return state === "cancelled" ? ExitCode.interrupted : ExitCode.ok;
}

function sayHowToReturn({ screen, colors }: Terminal, taskId: string): void {
  screen.print([
    "",
    "  You no longer watch; the task goes on.",
    `  ${colors.dim("see it  ")} farhand watch ${taskId}`,
    `  ${colors.dim("stop it ")} farhand stop ${taskId}`,
    "",
  ]);
}
