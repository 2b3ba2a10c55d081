/** The client of a coordinator. Needs only `fetch` and `WebSocket`, so it runs on Bun, in browsers and on phones. */
import {
  type CreateTask,
  EventPage,
  Liveness,
  QueuedMessage,
  Readiness,
  type SendMessage,
  Settings,
  Task,
  TaskDiff,
  TaskPage,
  type TaskState,
  type UpdateSettings,
} from "@farhand/protocol";
import type { z } from "zod";
import type { Backoff } from "./backoff.ts";
import { type FollowItem, type FollowOptions, follow } from "./follow.ts";
import { type Call, createRest } from "./rest.ts";

export { ApiError, UnreachableError } from "./api-error.ts";
export type { Backoff } from "./backoff.ts";
export type { FollowItem, FollowOptions } from "./follow.ts";

export interface ClientOptions {
  /** Such as `http://127.0.0.1:8787`, without a path. */
  baseUrl: string;
  token: string;
  /** Waits between connections; by default 250 ms doubling to 10 s. */
  backoff?: Backoff;
  /** A ping goes out this often; a connection silent for two of them counts as dead. 20 s by default. */
  pingIntervalMs?: number;
  /** A random UUID for each change; pass one where `crypto.randomUUID` is missing, as on React Native. */
  newId?: () => string;
}

/** Every method throws ApiError when the coordinator refuses and UnreachableError when nobody answers. */
export interface Client {
  readonly baseUrl: string;
  createTask(task: CreateTask, signal?: AbortSignal): Promise<Task>;
  /** Newest first. Give `nextCursor` back as `cursor` for the next page. */
  listTasks(
    page?: { cursor?: string; limit?: number; state?: TaskState },
    signal?: AbortSignal,
  ): Promise<TaskPage>;
  getTask(taskId: string, signal?: AbortSignal): Promise<Task>;
  cancelTask(taskId: string, signal?: AbortSignal): Promise<Task>;
  /** Steers a running task. */
  sendMessage(taskId: string, message: SendMessage, signal?: AbortSignal): Promise<QueuedMessage>;
  events(taskId: string, page?: { after?: number; limit?: number }, signal?: AbortSignal): Promise<EventPage>;
  diff(taskId: string, signal?: AbortSignal): Promise<TaskDiff>;
  settings(signal?: AbortSignal): Promise<Settings>;
  updateSettings(change: UpdateSettings, signal?: AbortSignal): Promise<Settings>;
  live(signal?: AbortSignal): Promise<Liveness>;
  /** Also answers, with `not_ready` and the reasons, where tasks cannot run at present. */
  ready(signal?: AbortSignal): Promise<Readiness>;
  /**
   * The task's log after `after`, then what happens live, across any number of lost connections: every event
   * once and in order. Ends when `signal` aborts; throws ApiError when the coordinator refuses for good.
   */
  follow(taskId: string, options?: FollowOptions): AsyncGenerator<FollowItem, void, void>;
}

export function createClient(options: ClientOptions): Client {
  const baseUrl = options.baseUrl.replace(/\/+$/, "");
  const rest = createRest({
    baseUrl,
    token: options.token,
    newId: options.newId ?? (() => crypto.randomUUID()),
  });

  const get = <T>(schema: z.ZodType<T>, path: string, signal?: AbortSignal, query: Call["query"] = {}) =>
    rest.call(schema, { method: "GET", path, query, signal });
  const change = <T>(
    schema: z.ZodType<T>,
    method: "POST" | "PATCH",
    path: string,
    body: unknown,
    signal?: AbortSignal,
  ) => rest.call(schema, { method, path, body, signal });
  const events: Client["events"] = (taskId, page, signal) =>
    get(EventPage, `${taskPath(taskId)}/events`, signal, { ...page });

  return {
    baseUrl,
    createTask: (task, signal) => change(Task, "POST", "/api/tasks", task, signal),
    listTasks: (page, signal) => get(TaskPage, "/api/tasks", signal, { ...page }),
    getTask: (taskId, signal) => get(Task, taskPath(taskId), signal),
    cancelTask: (taskId, signal) => change(Task, "POST", `${taskPath(taskId)}/cancel`, undefined, signal),
    sendMessage: (taskId, message, signal) =>
      change(QueuedMessage, "POST", `${taskPath(taskId)}/messages`, message, signal),
    events,
    diff: (taskId, signal) => get(TaskDiff, `${taskPath(taskId)}/diff`, signal),
    settings: (signal) => get(Settings, "/api/settings", signal),
    updateSettings: (update, signal) => change(Settings, "PATCH", "/api/settings", update, signal),
    live: (signal) => get(Liveness, "/api/health/live", signal),
    ready: (signal) =>
      rest.call(Readiness, { method: "GET", path: "/api/health/ready", alsoAnswers: [503], signal }),
    follow: (taskId, followOptions) => follow({ ...options, baseUrl, events }, taskId, followOptions),
  };
}

const taskPath = (taskId: string) => `/api/tasks/${encodeURIComponent(taskId)}`;
