/**
 * What the app builds on. Runs in browsers, on React Native and on Bun, with no React, no zod and nothing that only one
 * of them has.
 */
export type { Drafts, NewTaskDraft, ReviewComment, TaskDraft } from "./drafts/api.ts";
export type { ListQuery, LocalEntry, LocalStore, LocalTransaction } from "./local/local-store.ts";
export { browserTabs, oneTab, type Tabs } from "./local/tabs.ts";
export type { Outbox } from "./outbox/api.ts";
export { type Command, taskOf } from "./outbox/command.ts";
export type { OutboxEntry, OutboxStatus } from "./outbox/entry.ts";
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
