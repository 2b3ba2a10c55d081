/**
 * What the app builds on. Runs in browsers, on React Native and on Bun, with no React, no zod and nothing that only one
 * of them has.
 */
export { ApiError, UnreachableError } from "./api-error.ts";
export { createAppClient } from "./app-client.ts";
export {
  AttachmentError,
  type ChosenFile,
  DeviceAttachments,
} from "./attachments/attachments.ts";
export { attachmentPath } from "./attachments-api.ts";
export type { Backoff } from "./backoff.ts";
export { createDeviceCache, type DeviceCache } from "./cache/device-cache.ts";
export { diffKey, nodeKey } from "./cache/task-keys.ts";
export type { Drafts, NewTaskDraft, ReviewComment, TaskDraft } from "./drafts/api.ts";
export { formatReview, readReview, type SentReview } from "./drafts/review.ts";
export { openIndexedDbStore } from "./local/indexeddb-store.ts";
export type { ListQuery, LocalEntry, LocalStore, LocalTransaction } from "./local/local-store.ts";
export { createMemoryStore } from "./local/memory-store.ts";
export { createSqlStore, type SqlDriver, type SqlValue } from "./local/sql-store.ts";
export { browserTabs, oneTab, type Tabs } from "./local/tabs.ts";
export { asksWithoutSandbox, needsPerson } from "./needs-person.ts";
export { type Outbox, OutboxError } from "./outbox/api.ts";
export { type Command, taskOf } from "./outbox/command.ts";
export type { OutboxCause, OutboxEntry, OutboxStatus } from "./outbox/entry.ts";
export { textOf } from "./outbox/text.ts";
export type { RawFile } from "./rest.ts";
export type { RestApi } from "./rest-api.ts";
export type {
  CaughtUp,
  Connection,
  ConnectionState,
  OpenTask,
  OpenTaskState,
  ServerOptions,
  ServerStore,
  TaskListState,
} from "./sync/api.ts";
export { type Observable, Value } from "./sync/observable.ts";
export { openServer } from "./sync/server-store.ts";
export {
  createTokenSource,
  type StoredTokens,
  type TokenSource,
  type TokenStore,
  tokensFor,
} from "./token-source.ts";
export { type ChatRow, chatRows, type PendingRow, type PreparingRow } from "./view/chat.ts";
export { List } from "./view/list.ts";
export { applyDelta, applyEvents, breakLive } from "./view/reduce.ts";
export type * from "./view/rows.ts";
export {
  type Changes,
  EMPTY_VIEW,
  isAtRest,
  isDiscarded,
  type LiveBlock,
  type LiveMessage,
  type PullRequest,
  type TaskHeader,
  type TaskView,
  type TimelineEntry,
  type TurnInfo,
  type WaitingMessage,
} from "./view/task-view.ts";
