import type { Client } from "@farhand/client";
import { type Task, TaskId } from "@farhand/protocol";
import { exactLine } from "../../terminal/exact-text.ts";
import { UsageError } from "../usage-error.ts";

/** Fewer characters would name another task tomorrow. */
const SHORTEST_ENDING = 6;
const PAGE = 100;

/** No task has such an id. */
export class NoSuchTaskError extends Error {
  readonly code = "not_found";
  readonly action = "See the tasks with: farhand tasks";

  constructor(given: string) {
    super(`No task's id ends in ${exactLine(given)}.`);
    this.name = "NoSuchTaskError";
  }
}

/**
 * The task that is named by its id, or by the id's last characters.
 * @throws UsageError for an ending that is too short or is that of several tasks, NoSuchTaskError for that of none
 */
export async function findTask(client: Client, given: string): Promise<Task> {
  const id = TaskId.safeParse(given);
  if (id.success) return client.getTask(id.data);
  const ending = given.toLowerCase();
  if (ending.length < SHORTEST_ENDING || !/^[0-9a-z_]+$/.test(ending))
    throw new UsageError(
      `${JSON.stringify(given)} names no task: give its id, or the last ${SHORTEST_ENDING} characters of it or more.`,
      "See the tasks with: farhand tasks",
    );
  const [task, ...others] = await tasksEndingIn(client, ending);
  if (task === undefined) throw new NoSuchTaskError(given);
  if (others.length > 0)
    throw new UsageError(
      [
        `${given} is the ending of several tasks:`,
        ...[task, ...others].map((it) => `  ${it.id}  ${exactLine(it.title ?? it.prompt).slice(0, 60)}`),
      ].join("\n"),
      "Give more of the id.",
    );
  return task;
}

async function tasksEndingIn(client: Client, ending: string): Promise<Task[]> {
  const found: Task[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await client.listTasks({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    found.push(...page.tasks.filter(({ id }) => id.endsWith(ending)));
    cursor = page.nextCursor;
  }
  return found;
}
