import type { Task } from "@farhand/protocol";
import { ApiError, UnreachableError } from "../api-error.ts";
import type { LocalStore } from "../local/local-store.ts";
import type { RestApi } from "../rest-api.ts";
import type { CaughtUp, TaskListState } from "./api.ts";
import { Value } from "./observable.ts";
import { eventPrefix } from "./task-sync.ts";

const PREFIX = "task/";
/** The most that the coordinator gives at once. */
const PAGE_SIZE = 100;
const RETRY_MS = 5_000;
/** Tasks at work change many times a second, and the server has them all. */
const SAVE_MS = 500;
/** Nor does anybody read a list so fast: the first change is shown at once, and those right after it together. */
const GATHER_MS = 100;

export interface TaskListOptions {
  local: LocalStore;
  api: Pick<RestApi, "listTasks">;
  onTask(task: Task): void;
  onError(error: unknown): void;
}

/** All tasks, from the device and from the server. */
export class TaskList {
  readonly state = new Value<TaskListState>({ tasks: [], status: "loading" });
  readonly caughtUp = new Value<CaughtUp | null>(null);
  readonly loaded: Promise<void>;
  readonly #options: TaskListOptions;
  #tasks: ReadonlyMap<string, Task> = new Map();
  /** Told of since the list was asked for: newer than what the list leaves out. */
  #toldOf = new Set<string>();
  /** Fetching belongs to this connection. */
  #round = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  /** While it runs, changes are gathered. */
  #gatherTimer: ReturnType<typeof setTimeout> | null = null;
  #isBehind = false;
  readonly #unsaved = new Set<string>();
  #saveTimer: ReturnType<typeof setTimeout> | null = null;
  #saving: Promise<void> = Promise.resolve();

  constructor(options: TaskListOptions) {
    this.#options = options;
    this.loaded = this.#load();
  }

  get(taskId: string): Task | null {
    return this.#tasks.get(taskId) ?? null;
  }

  /** The server tells of changes from now on: what there is has to be asked for. */
  async fetch(): Promise<void> {
    const answer = await this.#ask();
    if (answer) this.#countMissed(answer.before, answer.all);
  }

  /** Asks once more, for somebody who wants to be sure. @returns whether the server has answered */
  async refresh(): Promise<boolean> {
    return (await this.#ask()) !== null;
  }

  /** @returns the tasks as they were and as the server has them; null where it could not be asked */
  async #ask(): Promise<{ before: ReadonlyMap<string, Task>; all: readonly Task[] } | null> {
    const round = ++this.#round;
    clearTimeout(this.#retry);
    this.#toldOf = new Set();
    await this.loaded;
    const before = this.#tasks;
    let all: Task[];
    try {
      all = await this.#wholeList();
    } catch (error) {
      if (!(error instanceof UnreachableError) && !(error instanceof ApiError)) throw error;
      this.#options.onError(error);
      // A connection that is lost meanwhile asks by itself; while it stands, nobody else would.
      if (round === this.#round)
        this.#retry = setTimeout(() => void this.fetch().catch(this.#options.onError), RETRY_MS);
      return null;
    }
    if (round !== this.#round) return null;
    const listed = new Set(all.map(({ id }) => id));
    const gone = [...this.#tasks.keys()].filter((id) => !listed.has(id) && !this.#toldOf.has(id));
    const news = all.filter((task) => task.lastSeq >= (this.#tasks.get(task.id)?.lastSeq ?? 0));
    this.#change(news, gone, "live");
    // At once: whoever loses the network right after the app has opened sees the list all the same.
    this.#save();
    return { before, all };
  }

  hear(task: Task): void {
    this.#toldOf.add(task.id);
    if (task.lastSeq < (this.#tasks.get(task.id)?.lastSeq ?? 0)) return;
    this.#change([task], [], null);
  }

  disconnected(): void {
    this.#round += 1;
    clearTimeout(this.#retry);
    if (this.state.getSnapshot().status === "live") this.#publish("local");
  }

  async settled(): Promise<void> {
    this.#save();
    await this.#saving;
  }

  async forget(): Promise<void> {
    this.#round += 1;
    clearTimeout(this.#retry);
    this.#unsaved.clear();
    this.#tasks = new Map();
    this.caughtUp.set(null);
    this.#publish("loading");
    await this.#saving;
  }

  async #load(): Promise<void> {
    try {
      const entries = await this.#options.local.transaction("read", (tx) => tx.list({ prefix: PREFIX }));
      const kept = entries.map(({ value }) => value as Task);
      this.#tasks = new Map([...kept.map((task) => [task.id, task] as const), ...this.#tasks]);
      if (kept.length > 0) this.#publish("local");
      for (const task of kept) this.#options.onTask(task);
    } catch (error) {
      this.#options.onError(error);
    }
  }

  async #wholeList(): Promise<Task[]> {
    const found = new Map<string, Task>();
    let cursor: string | null = null;
    do {
      const query: { cursor?: string; limit: number } = { limit: PAGE_SIZE };
      if (cursor !== null) query.cursor = cursor;
      const page = await this.#options.api.listTasks(query);
      for (const task of page.tasks) found.set(task.id, task);
      cursor = page.nextCursor;
    } while (cursor !== null);
    return [...found.values()];
  }

  #countMissed(before: ReadonlyMap<string, Task>, all: readonly Task[]): void {
    // A device that knew nothing has missed nothing.
    if (before.size === 0) return;
    const missed = all
      .map((task) => task.lastSeq - (before.get(task.id)?.lastSeq ?? 0))
      .filter((events) => events > 0);
    if (missed.length === 0) return;
    const earlier = this.caughtUp.getSnapshot();
    const events = missed.reduce((sum, count) => sum + count, 0) + (earlier?.events ?? 0);
    this.caughtUp.set({ events, tasks: Math.max(missed.length, earlier?.tasks ?? 0) });
  }

  /** @param status null for a change that may be shown a little later, together with others */
  #change(news: readonly Task[], gone: readonly string[], status: TaskListState["status"] | null): void {
    const tasks = new Map(this.#tasks);
    const changed = news.filter((task) => JSON.stringify(task) !== JSON.stringify(tasks.get(task.id)));
    for (const task of changed) tasks.set(task.id, task);
    for (const id of gone) tasks.delete(id);
    this.#tasks = tasks;
    if (changed.length > 0 || gone.length > 0) this.#saveSoon([...changed.map(({ id }) => id), ...gone]);
    if (status === null) this.#publishSoon();
    else this.#publish(status);
    for (const task of changed) this.#options.onTask(task);
  }

  #saveSoon(taskIds: readonly string[]): void {
    for (const id of taskIds) this.#unsaved.add(id);
    this.#saveTimer ??= setTimeout(() => this.#save(), SAVE_MS);
  }

  #save(): void {
    if (this.#saveTimer) clearTimeout(this.#saveTimer);
    this.#saveTimer = null;
    const ids = [...this.#unsaved];
    if (ids.length === 0) return;
    this.#unsaved.clear();
    const tasks = this.#tasks;
    const { local, onError } = this.#options;
    const work = () =>
      local.transaction("write", async (tx) => {
        for (const id of ids) {
          const task = tasks.get(id);
          if (task) await tx.put(PREFIX + id, task);
          else {
            await tx.delete(PREFIX + id);
            await tx.deletePrefix(eventPrefix(id));
          }
        }
      });
    this.#saving = this.#saving.then(work).catch(onError);
  }

  #publishSoon(): void {
    if (this.#gatherTimer) {
      this.#isBehind = true;
      return;
    }
    this.#publish(this.state.getSnapshot().status);
    this.#gatherTimer = setTimeout(() => {
      this.#gatherTimer = null;
      if (this.#isBehind) this.#publishSoon();
    }, GATHER_MS);
  }

  /** Newest first: ids sort by the time at which they were made. */
  #publish(status: TaskListState["status"]): void {
    this.#isBehind = false;
    const tasks = [...this.#tasks.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
    const before = this.state.getSnapshot();
    const isSame =
      before.tasks.length === tasks.length && tasks.every((task, at) => task === before.tasks[at]);
    if (isSame && before.status === status) return;
    this.state.set({ tasks: isSame ? before.tasks : tasks, status });
  }
}
