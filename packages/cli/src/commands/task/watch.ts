import type { Client } from "@farhand/client";
import type { Task } from "@farhand/protocol";
import type { Terminal } from "../../terminal/terminal.ts";
import type { CommandContext } from "../context.ts";
import { needRunning } from "../running-coordinator.ts";
import { watchTask } from "../watch-task.ts";
import { findTask } from "./task-argument.ts";

const PAGE = 500;

/** Shows the last turn of a task, or its whole log, and goes on until the turn has ended. @returns the exit code */
export async function watch(
  context: CommandContext,
  terminal: Terminal,
  options: { task: string; fromStart: boolean },
): Promise<number> {
  const client = await needRunning(context);
  const task = await findTask(client, options.task);
  const after = options.fromStart ? 0 : await beforeLastTurn(client, task);
  return watchTask(context, terminal, {
    client,
    taskId: task.id,
    after,
    restFrom: task.lastSeq,
    known: after === 0 ? {} : publishedBefore(task),
  });
}

/** What a summary says of earlier turns' work. */
export const publishedBefore = (task: Task) => ({
  branch: task.commit === null ? null : task.branch,
  pullRequestUrl: task.pullRequestUrl,
});

/** The seq after which the last turn begins; 0 for the first one, so that the task's own facts are seen too. */
async function beforeLastTurn(client: Client, task: Task): Promise<number> {
  for (let before = task.lastSeq + 1; before > 1; ) {
    const { events } = await client.events(task.id, { before, limit: PAGE });
    for (const { seq, body } of events.toReversed()) {
      if (body.type === "turn.started") return body.turn === 1 && !body.isRetry ? 0 : seq - 1;
    }
    before = events[0]?.seq ?? 1;
  }
  return 0;
}
