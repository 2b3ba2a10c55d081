import type {
  CostGrouping,
  CostReport,
  KeyInfo,
  KeyList,
  PutKey,
  PutSecret,
  SecretList,
  SetBudget,
  Task,
} from "@farhand/protocol";
import type { Rest } from "./rest.ts";
import type { ChangeArgument } from "./tasks-api.ts";

/** Keys go in and never come out; what they are for and what they cost can be asked. */
export interface KeysApi {
  keys(signal?: AbortSignal): Promise<KeyList>;
  /** Tried first, and kept only when the service takes it; with `isUnchecked` kept untried. */
  putKey(key: PutKey, options?: { isUnchecked?: boolean; signal?: AbortSignal }): Promise<KeyInfo>;
  /** Tries a key that is kept again. */
  checkKey(id: string, options?: ChangeArgument): Promise<KeyInfo>;
  /** @returns the keys that are left */
  removeKey(id: string, options?: ChangeArgument): Promise<KeyList>;
  /** Of one repository, or of all. */
  secrets(repository?: string, signal?: AbortSignal): Promise<SecretList>;
  putSecret(secret: PutSecret, options?: ChangeArgument): Promise<SecretList>;
  removeSecret(repository: string, name: string, options?: ChangeArgument): Promise<SecretList>;
  /** What your tasks have spent. Days are in UTC, and both ends are included. */
  costs(query?: { by?: CostGrouping; from?: string; to?: string }, signal?: AbortSignal): Promise<CostReport>;
  /** Sets what a task may spend in all; one that waits for more goes on. */
  setBudget(taskId: string, budget: SetBudget, options?: ChangeArgument): Promise<Task>;
}

export function createKeysApi(rest: Rest): KeysApi {
  const rider = (options: ChangeArgument = {}) =>
    options instanceof AbortSignal ? { signal: options } : options;
  const keyPath = (id: string) => `/api/keys/${encodeURIComponent(id)}`;
  return {
    keys: (signal) => rest.read("KeyList", { path: "/api/keys", signal }),
    putKey: (key, { isUnchecked = false, signal } = {}) =>
      rest.change("KeyInfo", {
        method: "PUT",
        path: "/api/keys",
        query: isUnchecked ? { unchecked: "true" } : {},
        body: key,
        signal,
      }),
    checkKey: (id, options) =>
      rest.change("KeyInfo", { method: "POST", path: `${keyPath(id)}/check`, ...rider(options) }),
    removeKey: (id, options) =>
      rest.change("KeyList", { method: "DELETE", path: keyPath(id), ...rider(options) }),
    secrets: (repository, signal) =>
      rest.read("SecretList", { path: "/api/secrets", query: { repository }, signal }),
    putSecret: (secret, options) =>
      rest.change("SecretList", { method: "PUT", path: "/api/secrets", body: secret, ...rider(options) }),
    removeSecret: (repository, name, options) =>
      rest.change("SecretList", {
        method: "DELETE",
        path: "/api/secrets",
        query: { repository, name },
        ...rider(options),
      }),
    costs: (query = {}, signal) =>
      rest.read("CostReport", { path: "/api/costs", query: { ...query }, signal }),
    setBudget: (taskId, budget, options) =>
      rest.change("Task", {
        method: "POST",
        path: `/api/tasks/${encodeURIComponent(taskId)}/budget`,
        body: budget,
        ...rider(options),
      }),
  };
}
