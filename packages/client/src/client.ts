/** The client of a coordinator. Needs only `fetch` and `WebSocket`, so it runs on Bun, in browsers and on phones. */
import { type Backoff, DEFAULT_BACKOFF } from "./backoff.ts";
import { type FollowItem, type FollowOptions, follow } from "./follow.ts";
import { type FollowTasksItem, type FollowTasksOptions, followTasks } from "./follow-tasks.ts";
import { createRest } from "./rest.ts";
import { createRestApi, type RestApi } from "./rest-api.ts";
import { readStrictly } from "./strict-answers.ts";
import { fixedToken, type TokenSource } from "./token-source.ts";

export { ApiError, UnreachableError } from "./api-error.ts";
export type { AuditApi } from "./audit-api.ts";
export type { Backoff } from "./backoff.ts";
export type { ConnectionItem } from "./connection.ts";
export { askForDeviceCode, type DeviceCode, waitForApproval } from "./device-sign-in.ts";
export type { DevicesApi } from "./devices-api.ts";
export type { EgressApi } from "./egress-api.ts";
export type { FollowItem, FollowOptions } from "./follow.ts";
export type { FollowTasksItem, FollowTasksOptions } from "./follow-tasks.ts";
export type { KeysApi } from "./keys-api.ts";
export type { RawFile } from "./rest.ts";
export type { SignInApi } from "./sign-in-api.ts";
export type { ChangeArgument, ChangeOptions, EventQuery, TasksApi } from "./tasks-api.ts";
export { createTokenSource, type StoredTokens, type TokenSource, type TokenStore } from "./token-source.ts";

export interface ClientOptions {
  /** Such as `http://127.0.0.1:8787`, without a path. */
  baseUrl: string;
  /** One that stays, where to get one that is good for now, or null in a web page: its browser sends a cookie. */
  token: string | TokenSource | null;
  /** Waits between connections, and before a change is asked for again; by default 250 ms doubling to 10 s. */
  backoff?: Backoff;
  /** How often a change is asked for again when nobody answers or the coordinator is not ready; 3 by default. */
  retries?: number;
  /** A ping goes out this often; a connection silent for two of them counts as dead. 20 s by default. */
  pingIntervalMs?: number;
  /** A random UUID for each change; pass one where `crypto.randomUUID` is missing, as on React Native. */
  newId?: () => string;
}

/**
 * Every method throws ApiError when the coordinator refuses and UnreachableError when nobody answers. A change is
 * then asked for again under the same idempotency key, so that it is done once, before the error comes out.
 */
export interface Client extends RestApi {
  readonly baseUrl: string;
  /**
   * The task's log after `after`, then what happens live, across any number of lost connections: every event
   * once and in order. Ends when `signal` aborts; throws ApiError when the coordinator refuses for good.
   */
  follow(taskId: string, options?: FollowOptions): AsyncGenerator<FollowItem, void, void>;
  /**
   * The whole list of tasks and then each change of one, across any number of lost connections: after each the whole
   * list comes again, and no task ever goes back to an older state. Ends and throws as `follow` does.
   */
  followTasks(options?: FollowTasksOptions): AsyncGenerator<FollowTasksItem, void, void>;
}

const DEFAULT_RETRIES = 3;

export function createClient(options: ClientOptions): Client {
  const baseUrl = options.baseUrl.replace(/\/+$/, "");
  const token =
    typeof options.token === "object" && options.token !== null
      ? options.token
      : fixedToken(options.token ?? "");
  const rest = createRest({
    baseUrl,
    token,
    readAnswer: readStrictly,
    newId: options.newId ?? (() => crypto.randomUUID()),
    retries: options.retries ?? DEFAULT_RETRIES,
    backoff: options.backoff ?? DEFAULT_BACKOFF,
  });
  const api = createRestApi(rest);
  const source = { ...options, baseUrl, token };
  return {
    baseUrl,
    ...api,
    follow: (taskId, followOptions) => follow({ ...source, events: api.events }, taskId, followOptions),
    followTasks: (followOptions) => followTasks({ ...source, listTasks: api.listTasks }, followOptions),
  };
}
