import type { Task } from "@farhand/protocol";
import { ApiError, mayPass } from "../api-error.ts";
import type { DeviceCache } from "../cache/device-cache.ts";
import { diffKey, nodeKey } from "../cache/task-keys.ts";
import type { RestApi } from "../rest-api.ts";
import { likeliest } from "./at-hand.ts";

export interface WorkAtHandLimits {
  /** Tasks whose work is fetched before anybody opens it. */
  tasks: number;
  /** A diff or a listing with more characters of JSON is left for when it is opened. */
  characters: number;
}

const LIMITS: WorkAtHandLimits = { tasks: 6, characters: 500_000 };

export interface WorkAtHandOptions {
  cache: DeviceCache;
  api: Pick<RestApi, "diff" | "files">;
  /** Whether the connection that this belongs to is still there. */
  isCurrent(): boolean;
  limits?: WorkAtHandLimits;
}

/**
 * Brings what the likeliest tasks have changed, and the first look at their files, onto the device, so that both open without
 * a connection. Asks again only once a task has gone on.
 */
export async function bringWorkToHand(options: WorkAtHandOptions, tasks: readonly Task[]): Promise<void> {
  const limits = options.limits ?? LIMITS;
  for (const task of likeliest(tasks).filter(isResting).slice(0, limits.tasks)) {
    if (!options.isCurrent()) return;
    await bringWork(options, task, limits.characters);
  }
}

/** What an agent is at work on is something else a moment later. */
export const isResting = ({ state }: Task): boolean =>
  state !== "queued" && state !== "starting" && state !== "running" && state !== "archived";

async function bringWork(
  { cache, api, isCurrent }: WorkAtHandOptions,
  { id, lastSeq }: Task,
  most: number,
): Promise<void> {
  const mark = `at-hand/${id}`;
  if ((await cache.get(mark)) === lastSeq) return;
  const answers = [
    { key: diffKey(id, "base", "latest"), value: await orNone(api.diff(id, { from: "base", to: "latest" })) },
    { key: nodeKey(id, ""), value: await orNone(api.files(id, { path: "" })) },
  ];
  if (!isCurrent()) return;
  // Before what it speaks of: the cache lets go of the oldest first, and so never of that alone.
  await cache.put(mark, lastSeq);
  for (const { key, value } of answers)
    if (value !== null && JSON.stringify(value).length <= most) await cache.put(key, value);
}

/** Null where the server has none: the task has saved nothing yet, or its files are gone. */
async function orNone<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ApiError && !mayPass(error.status) && error.status !== 401) return null;
    throw error;
  }
}
