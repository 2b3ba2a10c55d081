import type { EgressOverview, EgressSettings, RepositoryEgress, TaskEgress } from "@farhand/protocol";
import type { Rest } from "./rest.ts";
import type { ChangeArgument } from "./tasks-api.ts";

export interface EgressApi {
  /** What sandboxes may reach: your default, and what you have set for single repositories. */
  egress(signal?: AbortSignal): Promise<EgressOverview>;
  setEgress(settings: EgressSettings, options?: ChangeArgument): Promise<EgressOverview>;
  /** Without a mode and hosts the default alone holds for the repository again. */
  setRepositoryEgress(settings: RepositoryEgress, options?: ChangeArgument): Promise<EgressOverview>;
  /** What the task's sandbox may reach now. */
  taskEgress(taskId: string, signal?: AbortSignal): Promise<TaskEgress>;
  /** Allows a host (`example.com` or `example.com:8443`) for the task's repository, from the next connection on. */
  allowHost(taskId: string, host: string, options?: ChangeArgument): Promise<TaskEgress>;
}

export function createEgressApi(rest: Rest): EgressApi {
  const of = (options: ChangeArgument = {}) =>
    options instanceof AbortSignal ? { signal: options } : options;
  return {
    egress: (signal) => rest.read("EgressOverview", { path: "/api/egress", signal }),
    setEgress: (body, options) =>
      rest.change("EgressOverview", { method: "PUT", path: "/api/egress", body, ...of(options) }),
    setRepositoryEgress: (body, options) =>
      rest.change("EgressOverview", {
        method: "PUT",
        path: "/api/egress/repositories",
        body,
        ...of(options),
      }),
    taskEgress: (taskId, signal) =>
      rest.read("TaskEgress", { path: `/api/tasks/${encodeURIComponent(taskId)}/egress`, signal }),
    allowHost: (taskId, host, options) =>
      rest.change("TaskEgress", {
        method: "POST",
        path: `/api/tasks/${encodeURIComponent(taskId)}/egress/allow`,
        body: { host },
        ...of(options),
      }),
  };
}
