import type { ClientFrame, Delta, Problem, ServerFrame, Task, TaskEvent } from "@farhand/protocol";
import type { LocalStore } from "../local/local-store.ts";
import { applyDelta, applyEvents, applyWhole, breakLive } from "../view/reduce.ts";
import { EMPTY_VIEW, type TaskView } from "../view/task-view.ts";
import type { OpenTaskState } from "./api.ts";
import { Value } from "./observable.ts";

export interface TaskSyncOptions {
  taskId: string;
  task: Task | null;
  local: LocalStore;
  send(frame: ClientFrame): void;
  /** The connection leaves something out, though it was asked twice. */
  restart(): void;
  onView(taskId: string, view: TaskView): void;
  onError(error: unknown): void;
  /** How long pieces are gathered before the view changes. */
  gatherMs: number;
}

type Piece = { event: TaskEvent } | { delta: Delta; isWhole: boolean };

/** Events of a task on the device: their keys list in the order of the log. */
export const eventPrefix = (taskId: string): string => `event/${taskId}/`;
export const eventKey = ({ taskId, seq }: TaskEvent): string =>
  eventPrefix(taskId) + String(seq).padStart(10, "0");
const LOAD_PAGE = 2000;
/** A log that comes whole is drawn in few steps: each that nobody reads takes time from the next. */
const REPLAY_MS = 400;
/** What is lost with the app in between comes from the server again, and a disk is not to be busy while a task streams. */
const SAVE_MS = 300;
/** Nor while a long log comes whole: it is to be on the screen first. */
const SAVE_REPLAY_MS = 1_500;

/** Keeps one open task up to date, from the device and from the server. */
export class TaskSync {
  readonly taskId: string;
  readonly state: Value<OpenTaskState>;
  readonly loaded: Promise<void>;
  readonly #options: TaskSyncOptions;
  #pieces: Piece[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isLive = false;
  /** The server has said where its log ends: until then, frames of an older subscription may still arrive. */
  #target: number | null = null;
  #isLoaded = false;
  #isEnded = false;
  /** The last event that came without one missing before it. */
  #heardSeq = 0;
  #holeAt: number | null = null;
  /** How much was known when the connection came. */
  #knownSeq = 0;
  #unsaved: TaskEvent[] = [];
  #saveTimer: ReturnType<typeof setTimeout> | null = null;
  #saving: Promise<void> = Promise.resolve();

  constructor(options: TaskSyncOptions) {
    this.#options = options;
    this.taskId = options.taskId;
    this.state = new Value<OpenTaskState>({
      taskId: options.taskId,
      task: options.task,
      view: EMPTY_VIEW,
      status: "loading",
      caughtUp: null,
      problem: null,
    });
    this.loaded = this.#load();
  }

  get view(): TaskView {
    return this.state.getSnapshot().view;
  }

  connected(): void {
    this.#isLive = true;
    this.#holeAt = null;
    if (this.#isLoaded) this.#subscribe();
  }

  disconnected(): void {
    this.#isLive = false;
    this.#target = null;
    this.#applyPieces();
    const { status } = this.state.getSnapshot();
    this.#set({
      view: breakLive(this.view),
      ...(status === "live" || status === "syncing" ? { status: "local" } : {}),
    });
  }

  hear(frame: ServerFrame): void {
    if (frame.type === "subscribed") this.#subscribed(frame.status, frame.lastSeq);
    else if (this.#target === null) return;
    else if (frame.type === "event") this.#hearEvent(frame.event);
    else if (frame.type === "events") this.#hearBatch(frame.events);
    else if (frame.type === "delta") this.#gather({ delta: frame.delta, isWhole: frame.isWhole ?? false });
  }

  setTask(task: Task): void {
    this.#set({ task });
  }

  /** The server has no such task. */
  gone(problem: Problem): void {
    this.#set({ status: "gone", problem });
  }

  /** More comes at once of what was there before than anybody could read. */
  get #isReplaying(): boolean {
    return this.#target !== null && this.#heardSeq < this.#target;
  }

  get isSubscribing(): boolean {
    return this.#isLive && this.#isLoaded && this.#target === null;
  }

  dismissCaughtUp(): void {
    this.#set({ caughtUp: null });
  }

  /** Resolves when the device has all that was heard. */
  async settled(): Promise<void> {
    this.#applyPieces();
    this.#saveNews();
    await this.#saving;
  }

  /** What was known is somebody else's, or of no use any more. */
  async forget(): Promise<void> {
    this.#pieces = [];
    this.#unsaved = [];
    this.#target = null;
    this.#set({ view: EMPTY_VIEW, task: null, status: "loading", caughtUp: null });
    await this.#saving;
  }

  async end(): Promise<void> {
    if (this.#isLive) this.#options.send({ type: "unsubscribe", taskId: this.taskId });
    await this.settled();
    this.#isEnded = true;
  }

  async #load(): Promise<void> {
    const { local, onError } = this.#options;
    const prefix = eventPrefix(this.taskId);
    let after = prefix;
    let drawnMs = Date.now();
    let unread: TaskEvent[] = [];
    try {
      for (;;) {
        const query = { prefix, after, limit: LOAD_PAGE };
        const entries = await local.transaction("read", (tx) => tx.list(query));
        unread.push(...entries.map(({ value }) => value as TaskEvent));
        const isLast = entries.length < LOAD_PAGE;
        if (isLast || Date.now() - drawnMs >= REPLAY_MS) {
          this.#set({ view: applyEvents(this.view, unread) });
          unread = [];
          drawnMs = Date.now();
        }
        after = entries.at(-1)?.key ?? after;
        if (isLast) break;
      }
    } catch (error) {
      // Without what the device keeps, all of it comes from the server.
      onError(error);
    }
    this.#isLoaded = true;
    if (this.#isEnded) return;
    // A server that is there is just being asked.
    if (this.state.getSnapshot().status === "loading")
      this.#set({ status: this.#isLive ? "syncing" : "local" });
    if (this.view.seq > 0) this.#options.onView(this.taskId, this.view);
    if (this.#isLive) this.#subscribe();
  }

  #subscribe(): void {
    this.#target = null;
    this.#knownSeq = this.view.seq;
    this.#heardSeq = this.view.seq;
    this.#options.send({ type: "subscribe", taskId: this.taskId, after: this.view.seq, batched: true });
  }

  #subscribed(status: "ok" | "gap", lastSeq: number): void {
    if (status === "gap") {
      // The server's log is shorter, as after a restored backup: what is here is of another past.
      this.#pieces = [];
      this.#unsaved = [];
      this.#set({ view: EMPTY_VIEW, status: "syncing" });
      this.#save((tx) => tx.deletePrefix(eventPrefix(this.taskId)));
      this.#subscribe();
      return;
    }
    this.#target = lastSeq;
    if (this.view.seq < lastSeq) this.#set({ status: "syncing" });
    this.#checkCaughtUp();
  }

  #checkCaughtUp(): void {
    if (this.#target === null || this.view.seq < this.#target) return;
    const missed = this.#knownSeq > 0 ? this.#target - this.#knownSeq : 0;
    this.#knownSeq = Math.max(this.#knownSeq, this.#target);
    this.#set({
      status: "live",
      problem: null,
      ...(missed > 0 ? { caughtUp: { events: missed } } : {}),
    });
  }

  #hearEvent(event: TaskEvent): void {
    this.#gather({ event });
    if (event.seq === this.#target) this.#applyPieces();
    if (event.seq > this.#heardSeq + 1) this.#mendHole();
    else this.#heardSeq = Math.max(this.#heardSeq, event.seq);
  }

  #hearBatch(events: readonly TaskEvent[]): void {
    for (const event of events) {
      // A hole has been met, and what follows comes once more.
      if (this.#target === null) return;
      this.#hearEvent(event);
    }
  }

  #gather(piece: Piece): void {
    this.#pieces.push(piece);
    const { gatherMs } = this.#options;
    const waitMs = this.#isReplaying ? Math.max(gatherMs, REPLAY_MS) : gatherMs;
    this.#timer ??= setTimeout(() => this.#applyPieces(), waitMs);
  }

  #applyPieces(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const pieces = this.#pieces;
    if (pieces.length === 0) return;
    this.#pieces = [];
    const before = this.view;
    let view = before;
    const news: TaskEvent[] = [];
    for (const piece of pieces) {
      if ("delta" in piece) {
        view = piece.isWhole ? applyWhole(view, piece.delta) : applyDelta(view, piece.delta);
        continue;
      }
      if (piece.event.seq > view.seq) news.push(piece.event);
      view = applyEvents(view, [piece.event]);
    }
    this.#unsaved.push(...news);
    this.#saveTimer ??= setTimeout(() => this.#saveNews(), this.#isReplaying ? SAVE_REPLAY_MS : SAVE_MS);
    this.#set({ view });
    if (view.seq !== before.seq) this.#options.onView(this.taskId, view);
    if (this.state.getSnapshot().status !== "live") this.#checkCaughtUp();
  }

  /** One that the server leaves out. Asking once is fair; the same again means that only a new connection can help. */
  #mendHole(): void {
    this.#applyPieces();
    if (this.#holeAt === this.#heardSeq) {
      this.#options.restart();
      return;
    }
    this.#holeAt = this.#heardSeq;
    this.#subscribe();
  }

  #saveNews(): void {
    if (this.#saveTimer) clearTimeout(this.#saveTimer);
    this.#saveTimer = null;
    const news = this.#unsaved;
    if (news.length === 0) return;
    this.#unsaved = [];
    this.#save((tx) => tx.putAll(news.map((event) => ({ key: eventKey(event), value: event }))));
  }

  #save(work: Parameters<LocalStore["transaction"]>[1]): void {
    const { local, onError } = this.#options;
    this.#saving = this.#saving.then(() => local.transaction("write", work)).then(() => undefined, onError);
  }

  #set(change: Partial<OpenTaskState>): void {
    const before = this.state.getSnapshot();
    const fields = Object.keys(change) as (keyof OpenTaskState)[];
    if (fields.some((field) => !Object.is(before[field], change[field])))
      this.state.set({ ...before, ...change });
  }
}
