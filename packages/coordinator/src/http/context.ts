import type { Readiness } from "@farhand/protocol";
import type { AttachmentKeeper } from "../domain/attachment.ts";
import type { AuditLog } from "../domain/audit.ts";
import type { BudgetCommands, CostStore, MemberCapStore } from "../domain/budget.ts";
import type { TaskCommands } from "../domain/commands.ts";
import type { EgressStore } from "../domain/egress.ts";
import { failure } from "../domain/failure.ts";
import type { RepositoryLister } from "../domain/forge-list.ts";
import type { Authenticator, Identity, Peer } from "../domain/identity.ts";
import type { DeviceKeeper } from "../domain/notification.ts";
import type { OutputKeeper } from "../domain/output.ts";
import type { Repositories } from "../domain/ports.ts";
import type { AccountStore, InviteStore, MemberStore, SessionStore, SignIn } from "../domain/sign-in.ts";
import type {
  EventLog,
  MessageStore,
  RequestStore,
  SettingsStore,
  TaskRecord,
  TaskStore,
} from "../domain/store.ts";
import type { KeyKeeper } from "../domain/vault.ts";
import type { Caller } from "./peer.ts";

/** All that the API stands on. `main.ts` fills it. */
export interface ApiContext {
  version: string;
  commands: TaskCommands;
  tasks: TaskStore;
  log: EventLog;
  messages: MessageStore;
  requests: RequestStore;
  attachments: Pick<AttachmentKeeper, "put" | "open">;
  outputs: Pick<OutputKeeper, "open">;
  settings: SettingsStore;
  authenticator: Authenticator;
  members: MemberStore;
  accounts: AccountStore;
  sessions: SessionStore;
  invites: InviteStore;
  signIn: SignIn;
  repositories: Repositories;
  lister: RepositoryLister;
  readiness(): Promise<Readiness>;
  audit: AuditLog;
  egress: EgressStore;
  keys: KeyKeeper;
  costs: CostStore;
  memberCaps: MemberCapStore;
  budgets: BudgetCommands;
  now(): Date;
  devices: DeviceKeeper;
  logger: { info(fields: object, message: string): void; error(fields: object, message: string): void };
}

export interface ApiVariables {
  requestId: string;
  /** Where the request comes from. */
  peer: Peer;
  isTls: boolean;
  userId: string;
  /** Who asks; set on every route that needs a token. */
  identity: Identity;
  /** The idempotency key of a change; null where the client sent none. */
  requestKey: string | null;
}

/** `main.ts` passes the caller with each request. Tests may leave it out: then nothing is known of it. */
export type ApiEnvironment = { Variables: ApiVariables; Bindings: Partial<Caller> };

/**
 * The user's own task.
 *
 * @throws FarhandError `not_found`, the same for one that is not there and for somebody else's, so that ids cannot be
 * probed
 */
export async function ownTask(
  context: Pick<ApiContext, "tasks">,
  userId: string,
  taskId: string,
): Promise<TaskRecord> {
  const task = await context.tasks.get(taskId);
  if (task?.userId === userId) return task;
  throw failure("not_found", "There is no such task.", "Check the id; GET /api/tasks lists yours.");
}
