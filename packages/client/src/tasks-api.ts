import type {
  AnswerQuestion,
  Approve,
  CreateTask,
  EditMessage,
  EventPage,
  FileNode,
  FileSearch,
  ForkTask,
  SendMessage,
  SentMessage,
  Task,
  TaskDiff,
  TaskPage,
  TaskState,
  WaitingMessages,
} from "@farhand/protocol";
import type { AnswerName } from "./answers.ts";
import type { Change, RawFile, Rest } from "./rest.ts";

export interface ChangeOptions {
  signal?: AbortSignal | undefined;
  /**
   * Names this very change. Give one to a change that is kept until it is through, so that asking for it again after a
   * restart does not do it twice; without one each call is a change of its own.
   */
  idempotencyKey?: string | undefined;
}

/** How a change may be accompanied: a bare signal is short for `{ signal }`. */
export type ChangeArgument = ChangeOptions | AbortSignal;

/** The events after a seq, from the start when none is named, or the last ones before a seq. */
export type EventQuery = { after?: number; limit?: number } | { before: number; limit?: number };

/** What there is to ask about tasks, and of them. */
export interface TasksApi {
  createTask(task: CreateTask, options?: ChangeArgument): Promise<Task>;
  /** Newest first. Give `nextCursor` back as `cursor` for the next page. */
  listTasks(
    page?: { cursor?: string; limit?: number; state?: TaskState },
    signal?: AbortSignal,
  ): Promise<TaskPage>;
  getTask(taskId: string, signal?: AbortSignal): Promise<Task>;
  /** Steers the turn that is under way, or starts the next one. */
  sendMessage(taskId: string, message: SendMessage, options?: ChangeArgument): Promise<SentMessage>;
  /** What waits for the agent, in the order of delivery. The changes below answer with what waits then. */
  messages(taskId: string, signal?: AbortSignal): Promise<WaitingMessages>;
  editMessage(
    taskId: string,
    messageId: string,
    message: EditMessage,
    options?: ChangeArgument,
  ): Promise<WaitingMessages>;
  withdrawMessage(taskId: string, messageId: string, options?: ChangeArgument): Promise<WaitingMessages>;
  /** @param messageIds all that wait, in their new order. */
  reorderMessages(taskId: string, messageIds: string[], options?: ChangeArgument): Promise<WaitingMessages>;
  /** Ends the turn and keeps its work. The state follows. */
  stop(taskId: string, options?: ChangeArgument): Promise<Task>;
  /** Ends the task. The state follows. */
  cancelTask(taskId: string, options?: ChangeArgument): Promise<Task>;
  /** Runs a failed turn again, or publishes again where only that had failed. */
  retry(taskId: string, options?: ChangeArgument): Promise<Task>;
  /** Answers what the agent has asked; `conflict` where somebody was quicker, or the question is closed. */
  answer(taskId: string, command: AnswerQuestion, options?: ChangeArgument): Promise<Task>;
  /** Publishes what was held back with `approval_needed`. */
  approve(taskId: string, command: Approve, options?: ChangeArgument): Promise<Task>;
  archive(taskId: string, options?: ChangeArgument): Promise<Task>;
  /** Code and conversation go back to the end of that turn; 0 is the start. */
  rollBack(taskId: string, turn: number, options?: ChangeArgument): Promise<Task>;
  /** A new task that starts from the end of a turn of this one. */
  fork(taskId: string, command: ForkTask, options?: ChangeArgument): Promise<Task>;
  events(taskId: string, page?: EventQuery, signal?: AbortSignal): Promise<EventPage>;
  /** A folder, or a file with its first MiB of text. `at` names a revision, the last one by default. */
  files(taskId: string, place?: { at?: string; path?: string }, signal?: AbortSignal): Promise<FileNode>;
  /** Where a text stands in files. It is no pattern; a capital letter in it makes the case of letters count. */
  searchFiles(taskId: string, search: { q: string; at?: string }, signal?: AbortSignal): Promise<FileSearch>;
  /** A file whole. Read the body to its end, or cancel it. */
  rawFile(taskId: string, place: { at?: string; path?: string }, signal?: AbortSignal): Promise<RawFile>;
  /** All that a tool gave, where its `tool.finished` names an `output`: UTF-8 as it was printed. */
  output(taskId: string, toolUseId: string, signal?: AbortSignal): Promise<RawFile>;
  /** All that the task changed, unless revisions or a path are named. */
  diff(
    taskId: string,
    range?: { from?: string; to?: string; path?: string },
    signal?: AbortSignal,
  ): Promise<TaskDiff>;
}

export function createTasksApi(rest: Rest): TasksApi {
  const change = <N extends AnswerName>(
    name: N,
    method: Change["method"],
    path: string,
    body: unknown,
    options: ChangeArgument = {},
  ) =>
    rest.change(name, {
      method,
      path,
      body,
      ...(options instanceof AbortSignal ? { signal: options } : options),
    });
  const act = (taskId: string, action: string, body: unknown, options: ChangeArgument | undefined) =>
    change("Task", "POST", `${taskPath(taskId)}/${action}`, body, options);
  const messagesPath = (taskId: string) => `${taskPath(taskId)}/messages`;
  const messagePath = (taskId: string, messageId: string) =>
    `${messagesPath(taskId)}/${encodeURIComponent(messageId)}`;

  return {
    createTask: (task, options) => change("Task", "POST", "/api/tasks", task, options),
    listTasks: (page, signal) => rest.read("TaskPage", { path: "/api/tasks", query: { ...page }, signal }),
    getTask: (taskId, signal) => rest.read("Task", { path: taskPath(taskId), signal }),
    sendMessage: (taskId, message, options) =>
      change("SentMessage", "POST", messagesPath(taskId), message, options),
    messages: (taskId, signal) => rest.read("WaitingMessages", { path: messagesPath(taskId), signal }),
    editMessage: (taskId, messageId, message, options) =>
      change("WaitingMessages", "PATCH", messagePath(taskId, messageId), message, options),
    withdrawMessage: (taskId, messageId, options) =>
      change("WaitingMessages", "DELETE", messagePath(taskId, messageId), undefined, options),
    reorderMessages: (taskId, messageIds, options) =>
      change("WaitingMessages", "PUT", `${messagesPath(taskId)}/order`, { messageIds }, options),
    stop: (taskId, options) => act(taskId, "stop", undefined, options),
    cancelTask: (taskId, options) => act(taskId, "cancel", undefined, options),
    retry: (taskId, options) => act(taskId, "retry", undefined, options),
    answer: (taskId, command, options) => act(taskId, "answer", command, options),
    approve: (taskId, command, options) => act(taskId, "approve", command, options),
    archive: (taskId, options) => act(taskId, "archive", undefined, options),
    rollBack: (taskId, turn, options) => act(taskId, "rollback", { turn }, options),
    fork: (taskId, command, options) => act(taskId, "fork", command, options),
    events: (taskId, page, signal) =>
      rest.read("EventPage", { path: `${taskPath(taskId)}/events`, query: { ...page }, signal }),
    files: (taskId, place, signal) =>
      rest.read("FileNode", { path: `${taskPath(taskId)}/files`, query: { ...place }, signal }),
    searchFiles: (taskId, search, signal) =>
      rest.read("FileSearch", { path: `${taskPath(taskId)}/files/search`, query: { ...search }, signal }),
    rawFile: (taskId, place, signal) =>
      rest.bytes({ path: `${taskPath(taskId)}/files/raw`, query: { ...place }, signal }),
    output: (taskId, toolUseId, signal) =>
      rest.bytes({ path: `${taskPath(taskId)}/outputs/${encodeURIComponent(toolUseId)}`, signal }),
    diff: (taskId, range, signal) =>
      rest.read("TaskDiff", { path: `${taskPath(taskId)}/diff`, query: { ...range }, signal }),
  };
}

const taskPath = (taskId: string) => `/api/tasks/${encodeURIComponent(taskId)}`;
