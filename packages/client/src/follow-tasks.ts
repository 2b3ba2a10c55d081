import type { Task, TaskPage } from "@farhand/protocol";
import { isLost } from "./api-error.ts";
import { type ConnectionItem, type ConnectionSource, connected, type Link } from "./connection.ts";

export type FollowTasksItem =
  | ConnectionItem
  /** The whole list, newest first: it takes the place of what came before. */
  | { type: "tasks"; tasks: Task[] }
  /** A new task, or one that has changed. */
  | { type: "task"; task: Task };

export interface FollowTasksOptions {
  signal?: AbortSignal;
}

/** What following the list needs. */
export interface FollowTasksSource extends ConnectionSource {
  listTasks(page: { cursor?: string; limit: number }, signal?: AbortSignal): Promise<TaskPage>;
}

/** The most that the coordinator gives at once. */
const PAGE_SIZE = 100;

/** See `Client.followTasks`. */
export function followTasks(
  source: FollowTasksSource,
  options: FollowTasksOptions = {},
): AsyncGenerator<FollowTasksItem, void, void> {
  return connected(source, options.signal, (link) => session(source, link));
}

/**
 * One connection's items. The list is fetched when changes are told of already, so none can fall between the two;
 * frames that came meanwhile wait, and those that the list knows are dropped.
 */
async function* session(source: FollowTasksSource, link: Link): AsyncGenerator<FollowTasksItem, void, void> {
  /** The last seq of each task; null until the list is there. */
  let known: Map<string, number> | null = null;
  for await (const frame of link.frames()) {
    switch (frame.type) {
      case "welcome":
        link.send({ type: "subscribe_tasks" });
        break;
      case "subscribed_tasks": {
        const tasks = await wholeList(source, link.signal);
        if (tasks === null) return;
        known = new Map(tasks.map(({ id, lastSeq }) => [id, lastSeq]));
        link.progressed();
        yield { type: "connection", status: "live" };
        yield { type: "tasks", tasks };
        break;
      }
      case "task": {
        const { task } = frame;
        if (known === null || task.lastSeq <= (known.get(task.id) ?? -1)) break;
        known.set(task.id, task.lastSeq);
        link.progressed();
        yield { type: "task", task };
        break;
      }
    }
  }
}

/** Null when the connection was lost meanwhile. */
async function wholeList(source: FollowTasksSource, signal: AbortSignal): Promise<Task[] | null> {
  const found = new Map<string, Task>();
  let cursor: string | null = null;
  try {
    do {
      const page: TaskPage = await source.listTasks(
        { limit: PAGE_SIZE, ...(cursor === null ? {} : { cursor }) },
        signal,
      );
      for (const task of page.tasks) found.set(task.id, task);
      cursor = page.nextCursor;
    } while (cursor !== null);
  } catch (error) {
    if (isLost(error, signal)) return null;
    throw error;
  }
  return [...found.values()];
}
