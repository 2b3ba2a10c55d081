import { ApiError } from "../api-error.ts";
import type { DeviceAttachments } from "../attachments/attachments.ts";
import type { LocalStore, LocalTransaction } from "../local/local-store.ts";
import type { Tabs } from "../local/tabs.ts";
import type { RestApi } from "../rest-api.ts";
import { type Observable, Value } from "../sync/observable.ts";
import { Signal } from "../sync/signal.ts";
import type { TaskView } from "../view/task-view.ts";
import { Alarm } from "./alarm.ts";
import { type AddOptions, type Outbox, OutboxError } from "./api.ts";
import { type Command, taskOf } from "./command.ts";
import {
  askAbout,
  canMove,
  entriesIn,
  explained,
  found,
  fresh,
  newEntry,
  OUTBOX_PREFIX,
  put,
  remove,
  renewed,
  repeats,
  tooLate,
} from "./entries.ts";
import type { OutboxEntry } from "./entry.ts";
import { failureOf, OUTBOX_BACKOFF } from "./failure.ts";
import { isInLog } from "./in-log.ts";
import { isStop, nextStep } from "./next.ts";
import { send } from "./send.ts";
import { textOf, withText } from "./text.ts";
import { Uploads } from "./uploads.ts";

export interface OutboxOptions {
  local: LocalStore;
  tabs: Tabs;
  /** Asks once: the outbox itself asks again. */
  api: RestApi;
  /** The bytes of what commands name. */
  attachments: Pick<DeviceAttachments, "bytes">;
  newId: () => string;
  now: () => number;
  /** Whether the server answers at present. Nothing is sent into the void: then nobody would know whether it arrived. */
  isReachable(): Promise<boolean>;
  /** Whether the log of the task is followed: a message stays until it shows it. */
  isFollowed(taskId: string): boolean;
  /** A request that takes longer is given up and made again under the same key. 30 s where it is left out. */
  timeoutMs?: number;
  /** What the device's store or the sending threw that nobody waits for. */
  onError(error: unknown): void;
}

const TOPIC = "outbox";
const TIMEOUT_MS = 30_000;
/** The log shows a message within moments; without a connection it is shown with the next one. */
const LANDED_MS = 15_000;

export class DurableOutbox implements Outbox {
  readonly #options: OutboxOptions;
  readonly #entries = new Value<readonly OutboxEntry[]>([]);
  readonly #done = new Signal<{ entry: OutboxEntry; answer: unknown }>();
  readonly #refused = new Signal<OutboxEntry>();
  readonly #stopListening: () => void;
  readonly #uploads: Uploads;
  readonly #checkedSeq = new Map<string, number>();
  #kept: readonly OutboxEntry[] = [];
  /** Messages that the server has and the log does not show yet. */
  #landed: readonly OutboxEntry[] = [];
  #isOffline = false;
  #isClosed = false;
  #probes = 0;
  readonly #alarm = new Alarm(() => this.#runSoon());
  #running: Promise<void> | null = null;
  #again = false;
  readonly #requests = new Map<AbortController, Command>();
  /** What the device keeps has been read. */
  readonly loaded: Promise<void>;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#uploads = new Uploads(options.api, (id) => options.attachments.bytes(id));
    this.#stopListening = options.tabs.listen((topic) => {
      if (topic === TOPIC) void this.#reload().then(() => this.#wait(), options.onError);
    });
    this.loaded = this.#reload();
    // Without a connection nobody else asks, and what waits from last time is to say why.
    void this.loaded.then(() => this.#runSoon(), options.onError);
  }

  subscribe: Observable<readonly OutboxEntry[]>["subscribe"] = (listener) =>
    this.#entries.subscribe(listener);
  getSnapshot = (): readonly OutboxEntry[] => this.#entries.getSnapshot();

  async add(command: Command, options: AddOptions = {}): Promise<OutboxEntry> {
    const { now, newId } = this.#options;
    const asked = { id: newId(), askedAtMs: now(), ...options };
    const entry = await this.#change(async (tx, entries) => {
      const same = entries.find((known) => known.id === asked.id || repeats(known, command));
      if (same) return same;
      const made = newEntry(command, asked, (entries.at(-1)?.position ?? 0) + 1);
      await put(tx, made);
      return made;
    });
    this.#runSoon();
    return entry;
  }

  async edit(entryId: string, text: string): Promise<void> {
    const { newId, now } = this.#options;
    await this.#change(async (tx, entries) => {
      const entry = found(entries, entryId);
      if (entry.status === "sending" || entry.status === "sent" || entry.mayHaveArrived) throw tooLate();
      const command = withText(entry.command, text);
      if (command === null) throw new OutboxError("There is no text in this to change.");
      if (textOf(entry.command) === text && entry.status !== "refused") return;
      await tx.delete(OUTBOX_PREFIX + entry.id);
      await put(tx, renewed(entry, newId(), command, now()));
    });
    this.#runSoon();
  }

  withdraw: Outbox["withdraw"] = async (entryId, { keepsAttachments = false } = {}) => {
    const withdrawn = await this.#change(async (tx, entries) => {
      const entry = found(entries, entryId);
      if (entry.status === "sending" || entry.status === "sent") throw tooLate();
      await (keepsAttachments ? tx.delete(OUTBOX_PREFIX + entry.id) : remove(tx, entry));
      return { mayHaveArrived: entry.mayHaveArrived };
    });
    this.#runSoon();
    return withdrawn;
  };

  async reorder(taskId: string | null, entryIds: readonly string[]): Promise<void> {
    await this.#change(async (tx, entries) => {
      const movable = entries.filter((entry) => taskOf(entry.command) === taskId && canMove(entry));
      const wanted = entryIds.map((id) => movable.find((entry) => entry.id === id));
      if (
        wanted.length !== movable.length ||
        new Set(entryIds).size !== movable.length ||
        wanted.includes(undefined)
      )
        throw new OutboxError("Some of these were sent, withdrawn or added meanwhile.");
      for (const [place, { position }] of movable.entries()) {
        const entry = wanted[place];
        if (entry) await put(tx, { ...entry, position });
      }
    });
    this.#runSoon();
  }

  async confirm(entryId: string): Promise<void> {
    const { newId, now } = this.#options;
    await this.#change(async (tx, entries) => {
      const entry = found(entries, entryId);
      if (entry.status === "needs_confirmation") await put(tx, fresh(entry, now()));
      if (entry.status !== "refused") return;
      await tx.delete(OUTBOX_PREFIX + entry.id);
      await put(tx, renewed(entry, newId(), entry.command, now()));
    });
    this.#runSoon();
  }

  done: Outbox["done"] = (listener) => this.#done.listen(listener);
  refused: Outbox["refused"] = (listener) => this.#refused.listen(listener);

  async flush(): Promise<void> {
    this.#probes = 0;
    await this.#reload();
    // A server that has said when to come back is left alone until then.
    const isDue = (entry: OutboxEntry) => entry.status === "retrying" && entry.cause !== "rate_limited";
    if (this.#kept.some(isDue))
      await this.#change(async (tx, entries) => {
        for (const entry of entries.filter(isDue))
          await put(tx, { ...entry, status: "unsent", cause: null, reason: null, retryAt: null });
      });
    await this.#run();
  }

  async hurry(): Promise<void> {
    await this.#change(async (tx, entries) => {
      for (const entry of entries.filter(({ status, retryAt }) => status === "unsent" && retryAt !== null))
        await put(tx, { ...entry, retryAt: null });
    });
    await this.#run();
  }

  /** Takes out what the log shows to be done. */
  observe(taskId: string, view: TaskView): void {
    const mine = [...this.#kept, ...this.#landed].filter(({ command }) => taskOf(command) === taskId);
    if (mine.length === 0) return;
    const done = mine.filter((entry) => isInLog(entry, view, this.#checkedSeq.get(entry.id) ?? 0));
    for (const entry of mine) this.#checkedSeq.set(entry.id, view.seq);
    if (done.length === 0) return;
    const ids = new Set(done.map(({ id }) => id));
    this.#landed = this.#landed.filter(({ id }) => !ids.has(id));
    const kept = this.#kept.filter(({ id }) => ids.has(id));
    this.#kept = this.#kept.filter(({ id }) => !ids.has(id));
    this.#publish();
    if (kept.length === 0) return;
    void this.#change(async (tx) => {
      for (const entry of kept) await remove(tx, entry);
    }).catch(this.#options.onError);
  }

  #run(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    if (this.#running) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#runAll().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** Somebody else uses this device now, and what was not sent is not theirs. */
  async forget(): Promise<void> {
    this.#landed = [];
    await this.#change((tx) => tx.deletePrefix(OUTBOX_PREFIX));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopListening();
    for (const request of this.#requests.keys()) request.abort();
    await this.#running?.catch(() => undefined);
    this.#alarm.cancel();
  }

  #runSoon(): void {
    void this.#run().catch(this.#options.onError);
  }

  async #runAll(): Promise<void> {
    do {
      this.#again = false;
      await this.#options.tabs.exclusively("outbox", () => this.#runOnce());
    } while (this.#again && !this.#isClosed);
  }

  /** Sends one after the other until nothing can be sent. Only one tab is in here at a time. */
  async #runOnce(): Promise<void> {
    let isReachable = false;
    while (!this.#isClosed) {
      const now = this.#options.now();
      await this.#reload();
      const next = nextStep(this.#kept, now);
      if (next.do === "wait") return this.#wait(next);
      if (next.do === "ask") {
        await this.#update(next.entry.id, askAbout);
        continue;
      }
      if (!isReachable) {
        isReachable = await this.#options.isReachable();
        this.#setOffline(!isReachable);
        if (!isReachable) {
          this.#alarm.in(
            Math.min(OUTBOX_BACKOFF.maxDelayMs, OUTBOX_BACKOFF.firstDelayMs * 2 ** this.#probes),
          );
          this.#probes += 1;
          return;
        }
        this.#probes = 0;
        // What was to be sent may have been withdrawn meanwhile.
        continue;
      }
      if (!(await this.#sendOne(next.entry.id))) return;
    }
  }

  /** Looks again when the next one is due, also one of another tab, which may be closed by then. */
  #wait(next = nextStep(this.#kept, this.#options.now())): void {
    if (!this.#isClosed && next.do === "wait" && next.untilMs !== null)
      this.#alarm.in(next.untilMs - this.#options.now());
  }

  /** @returns whether it is worth going on with others */
  async #sendOne(entryId: string): Promise<boolean> {
    const { api, now } = this.#options;
    // Whoever edits or withdraws it either was before this, or finds that it is too late.
    let hadDoubt = false;
    const entry = await this.#update(entryId, (known) => {
      hadDoubt = known.mayHaveArrived;
      const attempts = known.attempts + 1;
      return { ...known, status: "sending", attempts, mayHaveArrived: true, retryAt: null };
    });
    if (entry === null) return true;
    const request = new AbortController();
    this.#requests.set(request, entry.command);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let answer: unknown;
    try {
      await this.#uploads.send(entry.command, request);
      timer = setTimeout(() => request.abort(), this.#options.timeoutMs ?? TIMEOUT_MS);
      answer = await send(api, entry.command, { idempotencyKey: entry.id, signal: request.signal });
    } catch (error) {
      // Closed in the middle: it stays as it is, and is sent again under the same key.
      if (this.#isClosed) return false;
      if (error instanceof ApiError && error.code === "attachment_unknown")
        this.#uploads.forget(entry.command);
      const { change, stopsAll } = failureOf(error, entry.attempts, now(), Math.random());
      const failed = await this.#update(entryId, (known) => ({
        ...known,
        ...change,
        // One that may have arrived before may still have, whatever was said of this time.
        mayHaveArrived:
          change.status !== "refused" && ((change.mayHaveArrived && timer !== undefined) || hadDoubt),
      }));
      if (failed?.status === "refused") await this.#refuse(failed);
      if (stopsAll && change.retryAt !== null) this.#alarm.in(Date.parse(change.retryAt) - now());
      return !stopsAll;
    } finally {
      clearTimeout(timer);
      this.#requests.delete(request);
    }
    await this.#finish(entry, answer);
    return true;
  }

  async #refuse(entry: OutboxEntry): Promise<void> {
    if (isStop(entry.command)) await this.#change((tx) => remove(tx, entry));
    this.#refused.tell(entry);
  }

  async #finish(entry: OutboxEntry, answer: unknown): Promise<void> {
    // Where the log has shown it meanwhile, it is here no more.
    const isShown = !this.#kept.some(({ id }) => id === entry.id);
    const { command } = entry;
    if (command.type === "send_message" && !isShown && this.#options.isFollowed(command.taskId)) {
      const landed: OutboxEntry = { ...entry, status: "sent", mayHaveArrived: true };
      this.#landed = [...this.#landed, landed];
      setTimeout(() => {
        if (this.#isClosed || !this.#landed.includes(landed)) return;
        this.#landed = this.#landed.filter((known) => known !== landed);
        this.#publish();
      }, LANDED_MS);
    }
    await this.#change((tx) => remove(tx, entry));
    this.#uploads.forget(entry.command);
    this.#checkedSeq.delete(entry.id);
    this.#done.tell({ entry, answer });
  }

  /** Null where it is there no more. */
  #update(entryId: string, change: (entry: OutboxEntry) => OutboxEntry): Promise<OutboxEntry | null> {
    return this.#change(async (tx, entries) => {
      const entry = entries.find(({ id }) => id === entryId);
      if (!entry) return null;
      const changed = change(entry);
      await put(tx, changed);
      return changed;
    });
  }

  async #change<T>(work: (tx: LocalTransaction, entries: OutboxEntry[]) => Promise<T>): Promise<T> {
    const { local, tabs } = this.#options;
    const { result, entries } = await local.transaction("write", async (tx) => {
      const result = await work(tx, await entriesIn(tx));
      return { result, entries: await entriesIn(tx) };
    });
    this.#kept = entries;
    this.#publish();
    tabs.announce(TOPIC);
    return result;
  }

  async #reload(): Promise<void> {
    this.#kept = await this.#options.local.transaction("read", entriesIn);
    this.#publish();
  }

  #setOffline(isOffline: boolean): void {
    this.#isOffline = isOffline;
    this.#publish();
  }

  /** What is being sent of the same task is given up for a stop, and sent again under the same key once that is there. */
  #letStopPass(): void {
    const stop = this.#kept.find(({ command, status }) => isStop(command) && status === "unsent");
    if (!stop) return;
    for (const [request, command] of this.#requests)
      if (!isStop(command) && taskOf(command) === taskOf(stop.command)) request.abort();
  }

  #publish(): void {
    this.#letStopPass();
    const kept = this.#kept.map((entry) => explained(entry, this.#kept, this.#isOffline));
    const ids = new Set(kept.map(({ id }) => id));
    const next = [...this.#landed.filter(({ id }) => !ids.has(id)), ...kept];
    // Nothing of it is large, and a snapshot that is equal must be the same.
    if (JSON.stringify(next) !== JSON.stringify(this.#entries.getSnapshot())) this.#entries.set(next);
  }
}
