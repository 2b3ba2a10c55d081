import type { Task } from "@farhand/protocol";
import type { LocalStore } from "../local/local-store.ts";
import { needsPerson } from "../needs-person.ts";
import type { RestApi } from "../rest-api.ts";
import { eventKey, eventPrefix } from "./task-sync.ts";

export interface AtHandLimits {
  /** Logs that are fetched before anybody opens them. */
  tasks: number;
  /** A log that lacks more than so many events is fetched when it is opened, and not before. */
  events: number;
  /** Logs that are kept; of tasks that have not changed for longest they go. */
  logs: number;
}

const LIMITS: AtHandLimits = { tasks: 10, events: 3_000, logs: 60 };
const PAGE_SIZE = 500;

export interface AtHandOptions {
  local: LocalStore;
  api: Pick<RestApi, "events">;
  /** One that is open is kept up to date by whoever has it open. */
  isOpen(taskId: string): boolean;
  /** Whether the connection that this belongs to is still there. */
  isCurrent(): boolean;
  limits?: AtHandLimits;
}

/**
 * Brings the logs of tasks that a person is likely to open onto the device, so that they open without a connection: those
 * that wait for somebody, and those that changed last. Lets go of what is too much.
 */
export async function bringToHand(options: AtHandOptions, tasks: readonly Task[]): Promise<void> {
  const limits = options.limits ?? LIMITS;
  for (const task of likeliest(tasks).slice(0, limits.tasks)) {
    if (!options.isCurrent()) return;
    if (!options.isOpen(task.id)) await fetchLog(options, task, limits.events);
  }
  if (options.isCurrent()) await letGo(options, tasks, limits.logs);
}

/** First those that wait for somebody, then those that changed last. */
export function likeliest(tasks: readonly Task[]): Task[] {
  return tasks
    .filter(({ state }) => state !== "archived")
    .sort((a, b) => Number(needsPerson(b)) - Number(needsPerson(a)) || newerFirst(a, b));
}

const newerFirst = (a: Task, b: Task): number =>
  a.updatedAt === b.updatedAt ? 0 : a.updatedAt < b.updatedAt ? 1 : -1;

async function fetchLog(
  { local, api, isOpen, isCurrent }: AtHandOptions,
  { id, lastSeq }: Task,
  most: number,
): Promise<void> {
  const prefix = eventPrefix(id);
  const [last] = await local.transaction("read", (tx) => tx.list({ prefix, isReversed: true, limit: 1 }));
  let after = last ? Number(last.key.slice(prefix.length)) : 0;
  if (lastSeq - after > most) return;
  while (after < lastSeq) {
    const { events } = await api.events(id, { after, limit: PAGE_SIZE });
    if (events.length === 0 || !isCurrent() || isOpen(id)) return;
    await local.transaction("write", (tx) =>
      tx.putAll(events.map((event) => ({ key: eventKey(event), value: event }))),
    );
    after = events.at(-1)?.seq ?? lastSeq;
  }
}

async function letGo({ local, isOpen }: AtHandOptions, tasks: readonly Task[], most: number): Promise<void> {
  const kept = await keptLogs(local);
  if (kept.length <= most) return;
  const order = new Map([...tasks].sort(newerFirst).map(({ id }, place) => [id, place]));
  const place = (id: string) => order.get(id) ?? Number.POSITIVE_INFINITY;
  const gone = kept
    .sort((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b)))
    .slice(most)
    .filter((id) => !isOpen(id));
  for (const id of gone) await local.transaction("write", (tx) => tx.deletePrefix(eventPrefix(id)));
}

/** The tasks of which the device keeps events. */
async function keptLogs(local: LocalStore): Promise<string[]> {
  const ids: string[] = [];
  let after = "event/";
  for (;;) {
    const query = { prefix: "event/", after, limit: 1 };
    const [next] = await local.transaction("read", (tx) => tx.list(query));
    const id = next?.key.split("/")[1];
    if (id === undefined) return ids;
    ids.push(id);
    // Behind all events of this one.
    after = `${eventPrefix(id)}~`;
  }
}
