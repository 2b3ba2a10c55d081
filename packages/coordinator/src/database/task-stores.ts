import type { Kysely } from "kysely";
import type { Clock } from "../domain/ports.ts";
import { WEBHOOK_MAX_AGE_MS } from "../domain/webhook.ts";
import { createAttachmentStore } from "./attachments.ts";
import { createAttemptStore } from "./attempts.ts";
import { createCostStore } from "./costs.ts";
import { createEventLog } from "./events.ts";
import { createInbox } from "./inbox.ts";
import { createMemberCapStore } from "./member-caps.ts";
import type { TaskStoreOptions } from "./queue.ts";
import { createRequestStore } from "./requests.ts";
import type { Schema } from "./schema.ts";
import { createTaskStore } from "./tasks.ts";
import { createMessageStore } from "./user-messages.ts";
import { createUserStore } from "./users.ts";
import { createWebhookDeliveries } from "./webhook-deliveries.ts";

/** Users, their tasks, and all that belongs to those. */
export function createTaskStores(database: Kysely<Schema>, options: TaskStoreOptions & { clock: Clock }) {
  const { clock } = options;
  const log = createEventLog(database, clock);
  return {
    users: createUserStore(database, clock),
    log,
    tasks: createTaskStore(database, log, options),
    attempts: createAttemptStore(database, clock),
    inbox: createInbox(database, clock),
    messages: createMessageStore(database, log, clock),
    requests: createRequestStore(database, clock),
    costs: createCostStore(database),
    memberCaps: createMemberCapStore(database),
    // Longer than a delivery may be old, so that none comes back when it has been forgotten.
    webhookDeliveries: createWebhookDeliveries(database, clock, 2 * WEBHOOK_MAX_AGE_MS),
    attachmentStore: createAttachmentStore(database, clock),
  };
}
