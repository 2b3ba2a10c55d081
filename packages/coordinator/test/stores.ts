import { createAttemptStore } from "../src/database/attempts.ts";
import { createEventLog } from "../src/database/events.ts";
import { createInbox } from "../src/database/inbox.ts";
import { openDatabase } from "../src/database/open.ts";
import { createRequestStore } from "../src/database/requests.ts";
import { createSettingsStore } from "../src/database/settings.ts";
import { createTaskStore } from "../src/database/tasks.ts";
import { createMessageStore } from "../src/database/user-messages.ts";
import { createUserStore } from "../src/database/users.ts";
import type { NewTask } from "../src/domain/store.ts";

export const OWNER = { id: "u_owner", login: "owner", token: "fho_owner-token-for-tests" };

/** A task id whose order follows the number. */
export const taskId = (number: number) => `t_${String(number).padStart(26, "0")}`;

export const messageId = (number: number) => `m_${String(number).padStart(26, "0")}`;

export function newTask(number: number, change: Partial<NewTask> = {}): NewTask {
  return {
    id: taskId(number),
    userId: OWNER.id,
    repository: "https://git.example.com/o/r",
    forge: "plain",
    baseBranch: null,
    branch: `farhand/task-${number}`,
    model: "claude-sonnet-5-5",
    prompt: `prompt ${number}`,
    messageId: messageId(number),
    requestKey: null,
    fork: null,
    ...change,
  };
}

/** All stores over one database, in memory unless a path is given, with an owner in it. */
export async function openStores(path = ":memory:") {
  const time = { ms: Date.parse("2026-01-01T00:00:00.000Z") };
  const clock = { now: () => new Date(time.ms) };
  const database = await openDatabase(path);
  const log = createEventLog(database, clock);
  const users = createUserStore(database, clock);
  await users.setOwner(OWNER);
  let ids = 0;
  const nextId = (prefix: string) => `${prefix}${++ids}`;
  return {
    time,
    clock,
    database,
    log,
    users,
    tasks: createTaskStore(database, log, {
      clock,
      newToken: () => nextId("token-"),
      sandboxName: (id, attempt) => `${id}-${attempt}`,
    }),
    attempts: createAttemptStore(database, clock),
    inbox: createInbox(database, clock),
    messages: createMessageStore(database, log, clock),
    requests: createRequestStore(database, clock),
    settings: createSettingsStore(database, { defaultModel: "claude-sonnet-5-5" }),
    [Symbol.asyncDispose]: () => database.destroy(),
  };
}
