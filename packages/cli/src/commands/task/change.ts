import type { Client } from "@farhand/client";
import type { Task } from "@farhand/protocol";
import type { Terminal } from "../../terminal/terminal.ts";
import type { CommandContext } from "../context.ts";
import { ExitCode } from "../exit-code.ts";
import { needRunning } from "../running-coordinator.ts";
import { taskResult } from "../task-result.ts";
import { watchTask } from "../watch-task.ts";
import { findTask } from "./task-argument.ts";
import { publishedBefore } from "./watch.ts";

/** One thing that can be asked of a task, and what to say when it was taken. */
interface Change {
  ask(client: Client, taskId: string): Promise<Task>;
  said(task: Task): string;
}

export const stop: Change = {
  ask: (client, taskId) => client.stop(taskId),
  said: () => "The turn is being stopped; what it did until now is kept.",
};

export const cancel: Change = {
  ask: (client, taskId) => client.cancelTask(taskId),
  said: ({ state }) => (state === "cancelled" ? "The task is cancelled." : "The task is being cancelled."),
};

export const archive: Change = {
  ask: (client, taskId) => client.archive(taskId),
  said: () => "The task is archived. Its log stays; its repository and files are removed after their time.",
};

export const retry: Change = {
  ask: (client, taskId) => client.retry(taskId),
  said: ({ turn }) => `Turn ${turn} runs again.`,
};

export const approve: Change = {
  ask: (client, taskId) => client.approve(taskId, { kind: "workflows" }),
  said: () => "Approved. The work is being published, with its changes of the forge's workflows.",
};

export const rollBack = (turn: number): Change => ({
  ask: (client, taskId) => client.rollBack(taskId, turn),
  said: () =>
    turn === 0
      ? "Code and conversation are back at the start of the task."
      : `Code and conversation are back at the end of turn ${turn}.`,
});

/** Asks it of a task, and watches the turn that follows where that is wanted. @returns the exit code */
export async function change(
  context: CommandContext,
  terminal: Terminal,
  { ask, said }: Change,
  options: { task: string; watch?: boolean },
): Promise<number> {
  const client = await needRunning(context);
  const before = await findTask(client, options.task);
  const changed = await ask(client, before.id);
  if (options.watch) {
    return watchTask(context, terminal, {
      client,
      taskId: before.id,
      after: before.lastSeq,
      restFrom: changed.lastSeq,
      known: { turn: before.turn, ...publishedBefore(before) },
    });
  }
  const { screen, colors, json } = terminal;
  screen.print([`  ${colors.green("✓")} ${said(changed)}`]);
  json?.(taskResult(changed));
  return ExitCode.ok;
}
