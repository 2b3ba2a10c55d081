import type { EventBody, EventPage, TaskEvent } from "@farhand/protocol";
import type { EventLog, TaskRecord, TaskStore } from "../src/domain/store.ts";
import { createTopic } from "../src/domain/topic.ts";

export const note = (message: string): EventBody => ({
  type: "notice",
  level: "info",
  code: "test",
  message,
});

/** A task id whose order follows the number. */
export const memoryTaskId = (number: number) => `t_${String(number).padStart(26, "0")}`;

const AT = "2026-01-02T03:04:05.678Z";

/**
 * Tasks and their logs in memory, for those who only read and follow them. As with the database, a read sees what
 * was committed when it began, and its answer comes later.
 */
export class MemoryLog implements Pick<EventLog, "read" | "follow" | "followTasks">, Pick<TaskStore, "get"> {
  readonly #tasks = new Map<string, TaskRecord>();
  readonly #events = new Map<string, TaskEvent[]>();
  readonly #appended = createTopic<TaskEvent>();
  readonly #changed = createTopic<string>();
  /** Reads of logs, and of tasks, so far. */
  reads = 0;
  readonly gets: string[] = [];
  /** What an answer waits for. */
  delay: () => Promise<void> = async () => undefined;

  /** A task with one event in its log. */
  addTask(number: number, userId: string): string {
    const id = memoryTaskId(number);
    this.#tasks.set(id, { ...blank, id, userId, branch: `farhand/task-${number}` });
    this.#events.set(id, []);
    this.append(id, [note("created")]);
    return id;
  }

  append(taskId: string, bodies: EventBody[]): void {
    const record = this.#tasks.get(taskId);
    const events = this.#events.get(taskId);
    if (!record || !events) throw new Error(`there is no task ${taskId}`);
    const added = bodies.map((body, index) => ({
      taskId,
      seq: events.length + 1 + index,
      attempt: 0,
      at: AT,
      body,
    }));
    events.push(...added);
    this.#tasks.set(taskId, { ...record, lastSeq: events.length });
    this.#appended.publish(taskId, added);
    this.#changed.publish(record.userId, [taskId]);
  }

  lastSeq(taskId: string): number {
    return this.#events.get(taskId)?.length ?? 0;
  }

  readonly get = async (taskId: string): Promise<TaskRecord | null> => {
    this.gets.push(taskId);
    const record = this.#tasks.get(taskId) ?? null;
    await this.delay();
    return record;
  };

  readonly read = async (taskId: string, after: number, limit: number): Promise<EventPage> => {
    this.reads += 1;
    const all = this.#events.get(taskId) ?? [];
    const page: EventPage = {
      status: after > all.length ? "gap" : "ok",
      events: all.slice(after, after + limit),
      lastSeq: all.length,
    };
    await this.delay();
    return page;
  };

  readonly follow = (taskId: string, follower: (event: TaskEvent) => void) =>
    this.#appended.follow(taskId, follower);

  readonly followTasks = (userId: string, follower: (taskId: string) => void) =>
    this.#changed.follow(userId, follower);
}

const blank: Omit<TaskRecord, "id" | "userId" | "branch"> = {
  state: "running",
  repository: "https://git.example.com/o/r",
  forge: "plain",
  baseBranch: "main",
  model: "claude-sonnet-5-5",
  prompt: "Mend it.",
  title: null,
  summary: null,
  commit: null,
  filesChanged: null,
  pullRequestUrl: null,
  attempt: 1,
  turn: 1,
  forkedFrom: null,
  delayedBy: null,
  diskBytes: null,
  removed: false,
  lastSeq: 0,
  usage: { inputTokens: 0, outputTokens: 0, cacheCreationInputTokens: 0, cacheReadInputTokens: 0 },
  costUsd: 0,
  unpricedTokens: 0,
  budget: { maxUsd: null, maxTokens: null },
  budgetReached: null,
  question: null,
  failure: null,
  createdAt: AT,
  updatedAt: AT,
  baseCommit: null,
  revision: null,
  losses: 0,
  workedMs: 0,
  archivedAt: null,
};
