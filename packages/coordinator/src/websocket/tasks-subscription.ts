import { type EventLog, type TaskStore, toTask } from "../domain/store.ts";
import type { Outlet } from "./outlet.ts";
import type { Subscription } from "./subscription.ts";

/**
 * Follows a user's list of tasks: each change sends the task as it then is. Changes that come while one is read, or
 * while the client is slow, become one, and a state is never sent twice.
 */
export function createTasksSubscription(options: {
  userId: string;
  tasks: Pick<TaskStore, "get">;
  log: Pick<EventLog, "followTasks">;
  outlet: Outlet;
  onError: (error: unknown) => void;
}): Subscription {
  const { userId, tasks, log, outlet } = options;
  /** Tasks with a change that was not read yet, in the order of their first one. */
  const changed = new Set<string>();
  /** The last seq that the client knows of each task. */
  const sent = new Map<string, number>();
  let ended = false;
  let reading = false;

  async function readChanged(): Promise<void> {
    if (reading) return;
    reading = true;
    try {
      for (const taskId of changed) {
        // Taken out first: a change during the read puts it back, to be read again.
        changed.delete(taskId);
        const record = await tasks.get(taskId);
        if (ended) return;
        if (record?.userId !== userId || record.lastSeq <= (sent.get(taskId) ?? -1)) continue;
        outlet.send({ type: "task", task: toTask(record) });
        sent.set(taskId, record.lastSeq);
        await outlet.room();
      }
    } finally {
      reading = false;
    }
  }

  const unfollow = log.followTasks(userId, (taskId) => {
    changed.add(taskId);
    readChanged().catch((error) => {
      options.onError(error);
      // The change would be lost: with a new connection the client fetches the list anew.
      if (!ended) outlet.breakOff();
    });
  });

  return {
    end() {
      ended = true;
      unfollow();
    },
  };
}
