import type { Liveness, Readiness, Settings, UpdateSettings } from "@farhand/protocol";
import { type AttachmentsApi, createAttachmentsApi } from "./attachments-api.ts";
import { type AuditApi, createAuditApi } from "./audit-api.ts";
import { createDevicesApi, type DevicesApi } from "./devices-api.ts";
import { createEgressApi, type EgressApi } from "./egress-api.ts";
import { createKeysApi, type KeysApi } from "./keys-api.ts";
import { createRepositoriesApi, type RepositoriesApi } from "./repositories-api.ts";
import type { Rest } from "./rest.ts";
import { createSignInApi, type SignInApi } from "./sign-in-api.ts";
import { type ChangeArgument, createTasksApi, type TasksApi } from "./tasks-api.ts";

/** Every route of the coordinator's API as a typed call. */
export interface RestApi
  extends TasksApi,
    AttachmentsApi,
    RepositoriesApi,
    AuditApi,
    SignInApi,
    EgressApi,
    KeysApi,
    DevicesApi {
  settings(signal?: AbortSignal): Promise<Settings>;
  updateSettings(change: UpdateSettings, options?: ChangeArgument): Promise<Settings>;
  live(signal?: AbortSignal): Promise<Liveness>;
  /** Also answers, with `not_ready` and the reasons, where tasks cannot run at present. */
  ready(signal?: AbortSignal): Promise<Readiness>;
}

export function createRestApi(rest: Rest): RestApi {
  return {
    ...createTasksApi(rest),
    ...createAttachmentsApi(rest),
    ...createRepositoriesApi(rest),
    ...createKeysApi(rest),
    ...createAuditApi(rest),
    ...createSignInApi(rest),
    ...createEgressApi(rest),
    ...createDevicesApi(rest),
    settings: (signal) => rest.read("Settings", { path: "/api/settings", signal }),
    updateSettings: (update, change = {}) =>
      rest.change("Settings", {
        method: "PATCH",
        path: "/api/settings",
        body: update,
        ...(change instanceof AbortSignal ? { signal: change } : change),
      }),
    live: (signal) => rest.read("Liveness", { path: "/api/health/live", signal }),
    ready: (signal) => rest.read("Readiness", { path: "/api/health/ready", alsoAnswers: [503], signal }),
  };
}
