import type { Attachment } from "@farhand/protocol";
import type { LocalStore, LocalTransaction } from "../local/local-store.ts";
import type { Tabs } from "../local/tabs.ts";
import type { Outbox } from "../outbox/api.ts";
import { type Observable, Value } from "../sync/observable.ts";
import type { Drafts, NewTaskDraft, ReviewComment, TaskDraft } from "./api.ts";
import { formatReview } from "./review.ts";

export interface DraftsOptions {
  local: LocalStore;
  tabs: Tabs;
  newId: () => string;
  now: () => number;
  outbox: Pick<Outbox, "add">;
  onError(error: unknown): void;
}

export const EMPTY_TASK_DRAFT: TaskDraft = {
  text: "",
  attachments: [],
  comments: [],
  fields: {},
  files: {},
  reviewNote: "",
  viewed: {},
};
export const EMPTY_NEW_TASK: NewTaskDraft = {
  repository: "",
  prompt: "",
  model: null,
  baseBranch: null,
  maxUsd: null,
  maxTokens: null,
  attachments: [],
};

export const DRAFTS_PREFIX = "draft/";
const NEW_TASK = `${DRAFTS_PREFIX}new-task`;
const taskKey = (taskId: string) => `${DRAFTS_PREFIX}task/${taskId}`;

/** Their bytes go with what they were sent with. */
const without = (list: readonly Attachment[], sent: readonly Attachment[]): readonly Attachment[] =>
  list.filter(({ id }) => !sent.some((it) => it.id === id));

/** @param value null takes the entry out */
function withEntry<T>(
  entries: Readonly<Record<string, T>>,
  name: string,
  value: T | null,
): Readonly<Record<string, T>> {
  const { [name]: _before, ...others } = entries;
  return value === null ? others : { ...others, [name]: value };
}

type Change<T> = (value: T) => T;

/** A device that keeps nothing at all does not have every keystroke remembered instead. */
const UNSAVED_MAX = 500;

function changed<T>(value: T, changes: readonly Change<T>[]): T {
  let next = value;
  for (const change of changes) next = change(next);
  return next;
}

/**
 * One draft: in memory at once, and on the device as fast as it takes it. Tabs share what the device keeps, so each change is
 * made again on what it holds by then, and never over it: what another tab has typed meanwhile would be lost.
 */
class Draft<T extends object> {
  readonly value: Value<T>;
  readonly loaded: Promise<void>;
  readonly #empty: T;
  readonly #key: string;
  readonly #options: DraftsOptions;
  /** Made here, and not on the device yet. */
  #unsaved: Change<T>[] = [];
  #isLoaded = false;
  #saving: Promise<void> | null = null;

  constructor(key: string, empty: T, options: DraftsOptions) {
    this.value = new Value(empty);
    this.#empty = empty;
    this.#key = key;
    this.#options = options;
    this.loaded = this.#load();
  }

  change(change: Change<T>): void {
    this.value.set(change(this.value.getSnapshot()));
    this.#unsaved.push(change);
    if (this.#isLoaded) this.#saveSoon();
  }

  /** Another tab has written it. */
  async changedElsewhere(): Promise<void> {
    // What is on its way may have read the device before.
    await this.settled();
    const kept = await this.#kept();
    // Saving that has begun since then has read it as well, and shows what it came to.
    if (this.#saving === null) this.#show(kept);
  }

  async settled(): Promise<void> {
    await this.loaded;
    while (this.#saving !== null) await this.#saving;
  }

  async forget(): Promise<void> {
    await this.settled();
    this.#unsaved = [];
    this.value.set(this.#empty);
  }

  async #load(): Promise<void> {
    const kept = await this.#kept();
    this.#isLoaded = true;
    this.#show(kept);
    if (this.#unsaved.length > 0) this.#saveSoon();
  }

  async #kept(): Promise<T> {
    const { local, onError } = this.#options;
    try {
      return await local.transaction("read", (tx) => this.#read(tx));
    } catch (error) {
      onError(error);
      return this.#empty;
    }
  }

  async #read(tx: LocalTransaction): Promise<T> {
    const kept = await tx.get(this.#key);
    // An older version has kept fewer fields.
    return kept === undefined ? this.#empty : { ...this.#empty, ...(kept as T) };
  }

  /** What the device keeps, with what is not there yet. */
  #show(kept: T): void {
    const next = changed(kept, this.#unsaved);
    // Nobody is to draw it anew for having been saved.
    if (JSON.stringify(next) !== JSON.stringify(this.value.getSnapshot())) this.value.set(next);
  }

  #saveSoon(): void {
    this.#saving ??= this.#save().finally(() => {
      this.#saving = null;
    });
  }

  /** Typing is faster than a phone's disk: what has changed meanwhile is written once, as it is then. */
  async #save(): Promise<void> {
    const { local, tabs, onError } = this.#options;
    while (this.#unsaved.length > 0) {
      const changes = this.#unsaved;
      this.#unsaved = [];
      try {
        const kept = await local.transaction("write", async (tx) => {
          const value = changed(await this.#read(tx), changes);
          await (value === this.#empty ? tx.delete(this.#key) : tx.put(this.#key, value));
          return value;
        });
        this.#show(kept);
        tabs.announce(this.#key);
      } catch (error) {
        onError(error);
        // Tried again with the next change; until then it stays in memory.
        const isChanged = this.#unsaved.length > 0;
        this.#unsaved = [...changes, ...this.#unsaved];
        if (this.#unsaved.length > UNSAVED_MAX) {
          const value = this.value.getSnapshot();
          this.#unsaved = [() => value];
        }
        if (!isChanged) return;
      }
    }
  }
}

export class DeviceDrafts implements Drafts {
  readonly #options: DraftsOptions;
  readonly #tasks = new Map<string, Draft<TaskDraft>>();
  readonly #newTask: Draft<NewTaskDraft>;
  /** Reviews on their way into the outbox, by task. */
  readonly #reviews = new Map<string, Promise<void>>();
  readonly #stopListening: () => void;

  constructor(options: DraftsOptions) {
    this.#options = options;
    this.#newTask = new Draft(NEW_TASK, EMPTY_NEW_TASK, options);
    this.#stopListening = options.tabs.listen((topic) => {
      if (topic === NEW_TASK) void this.#newTask.changedElsewhere();
      for (const [taskId, draft] of this.#tasks) if (topic === taskKey(taskId)) void draft.changedElsewhere();
    });
  }

  task(taskId: string): Observable<TaskDraft> {
    return this.#of(taskId).value;
  }

  newTask(): Observable<NewTaskDraft> {
    return this.#newTask.value;
  }

  setText(taskId: string, text: string): void {
    this.#change(taskId, () => ({ text }));
  }

  setField(taskId: string, name: string, text: string | null): void {
    this.#change(taskId, ({ fields }) => ({ fields: withEntry(fields, name, text) }));
  }

  setFiles(taskId: string, name: string, list: readonly Attachment[]): void {
    this.#change(taskId, ({ files }) => ({ files: withEntry(files, name, list.length === 0 ? null : list) }));
  }

  setAttachments(taskId: string, attachments: readonly Attachment[]): void {
    this.#change(taskId, () => ({ attachments }));
  }

  sent(taskId: string, { text, attachments }: Pick<TaskDraft, "text" | "attachments">): void {
    this.#change(taskId, (draft) => ({
      text: draft.text === text ? "" : draft.text,
      attachments: without(draft.attachments, attachments),
    }));
  }

  setNewTask(change: Partial<NewTaskDraft>): void {
    this.#newTask.change((before) => ({ ...before, ...change }));
  }

  clearNewTask({ prompt, attachments }: Pick<NewTaskDraft, "prompt" | "attachments">): void {
    this.#newTask.change((draft) =>
      draft.prompt === prompt
        ? EMPTY_NEW_TASK
        : { ...draft, attachments: without(draft.attachments, attachments) },
    );
  }

  addComment(taskId: string, comment: Omit<ReviewComment, "id" | "createdAt">): ReviewComment {
    const { newId, now } = this.#options;
    const made = { ...comment, id: newId(), createdAt: new Date(now()).toISOString() };
    this.#change(taskId, ({ comments }) => ({ comments: [...comments, made] }));
    return made;
  }

  editComment(taskId: string, commentId: string, text: string): void {
    this.#change(taskId, ({ comments }) => ({
      comments: comments.map((comment) => (comment.id === commentId ? { ...comment, text } : comment)),
    }));
  }

  removeComment(taskId: string, commentId: string): void {
    this.#change(taskId, ({ comments }) => ({ comments: comments.filter(({ id }) => id !== commentId) }));
  }

  setViewed(taskId: string, path: string, fingerprint: string | null): void {
    this.#change(taskId, ({ viewed }) => ({ viewed: withEntry(viewed, path, fingerprint) }));
  }

  setReviewNote(taskId: string, reviewNote: string): void {
    this.#change(taskId, () => ({ reviewNote }));
  }

  sendReview(taskId: string, head: string | null): Promise<void> {
    const running = this.#reviews.get(taskId) ?? this.#sendReview(taskId, head);
    this.#reviews.set(taskId, running);
    return running.finally(() => this.#reviews.delete(taskId));
  }

  async #sendReview(taskId: string, head: string | null): Promise<void> {
    await this.#of(taskId).loaded;
    const { comments, reviewNote } = this.#of(taskId).value.getSnapshot();
    if (comments.every(({ text }) => text.trim() === "")) return;
    const text = formatReview(comments, reviewNote, head);
    await this.#options.outbox.add({ type: "send_message", taskId, text });
    // What was written meanwhile stays.
    const sent = new Map(comments.map((comment) => [comment.id, comment.text]));
    this.#change(taskId, (draft) => ({
      comments: draft.comments.filter((comment) => sent.get(comment.id) !== comment.text),
      reviewNote: draft.reviewNote === reviewNote ? "" : draft.reviewNote,
    }));
  }

  async settled(): Promise<void> {
    await this.#newTask.settled();
    for (const draft of this.#tasks.values()) await draft.settled();
  }

  async forget(): Promise<void> {
    await this.#newTask.forget();
    for (const draft of this.#tasks.values()) await draft.forget();
  }

  async close(): Promise<void> {
    this.#stopListening();
    await this.settled();
  }

  #of(taskId: string): Draft<TaskDraft> {
    const known = this.#tasks.get(taskId) ?? new Draft(taskKey(taskId), EMPTY_TASK_DRAFT, this.#options);
    this.#tasks.set(taskId, known);
    return known;
  }

  #change(taskId: string, change: (draft: TaskDraft) => Partial<TaskDraft>): void {
    this.#of(taskId).change((draft) => {
      const next = { ...draft, ...change(draft) };
      const isEmpty =
        next.text === "" &&
        next.attachments.length === 0 &&
        next.comments.length === 0 &&
        Object.keys(next.fields).length === 0 &&
        Object.keys(next.files).length === 0 &&
        next.reviewNote === "" &&
        Object.keys(next.viewed).length === 0;
      return isEmpty ? EMPTY_TASK_DRAFT : next;
    });
  }
}
