import type { Attachment } from "@farhand/protocol";
import type { LocalStore } from "../local/local-store.ts";
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

/** One draft: in memory at once, and on the device as fast as it takes it. */
class Draft<T extends object> {
  readonly value: Value<T>;
  readonly loaded: Promise<void>;
  readonly #empty: T;
  readonly #key: string;
  readonly #options: DraftsOptions;
  /** Made before the device was read, and made again on what it holds. Null from then on. */
  #early: ((value: T) => T)[] | null = [];
  #saving: Promise<void> | null = null;
  #isDirty = false;

  constructor(key: string, empty: T, options: DraftsOptions) {
    this.value = new Value(empty);
    this.#empty = empty;
    this.#key = key;
    this.#options = options;
    this.loaded = this.#load();
  }

  change(change: (value: T) => T): void {
    this.value.set(change(this.value.getSnapshot()));
    if (this.#early !== null) this.#early.push(change);
    else this.#saveSoon();
  }

  /** Another tab has written it. What is written here and not kept yet wins. */
  async changedElsewhere(): Promise<void> {
    if (this.#early !== null || this.#saving !== null) return;
    const kept = await this.#kept();
    if (this.#saving === null) this.value.set(kept);
  }

  async settled(): Promise<void> {
    await this.loaded;
    while (this.#saving !== null) await this.#saving;
  }

  async forget(): Promise<void> {
    await this.settled();
    this.value.set(this.#empty);
  }

  async #load(): Promise<void> {
    const kept: T = await this.#kept();
    const early = this.#early ?? [];
    this.#early = null;
    let value: T = kept;
    for (const change of early) value = change(value);
    this.value.set(value);
    if (early.length > 0) this.#saveSoon();
  }

  async #kept(): Promise<T> {
    const { local, onError } = this.#options;
    try {
      const kept = await local.transaction("read", (tx) => tx.get(this.#key));
      // An older version has kept fewer fields.
      return kept === undefined ? this.#empty : { ...this.#empty, ...(kept as T) };
    } catch (error) {
      onError(error);
      return this.#empty;
    }
  }

  #saveSoon(): void {
    this.#isDirty = true;
    this.#saving ??= this.#save().finally(() => {
      this.#saving = null;
    });
  }

  /** Typing is faster than a phone's disk: what has changed meanwhile is written once, as it is then. */
  async #save(): Promise<void> {
    const { local, tabs, onError } = this.#options;
    while (this.#isDirty) {
      this.#isDirty = false;
      const value = this.value.getSnapshot();
      try {
        await local.transaction("write", (tx) =>
          value === this.#empty ? tx.delete(this.#key) : tx.put(this.#key, value),
        );
        tabs.announce(this.#key);
      } catch (error) {
        onError(error);
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
    this.#change(taskId, ({ fields }) => {
      const { [name]: _before, ...others } = fields;
      return { fields: text === null ? others : { ...others, [name]: text } };
    });
  }

  setAttachments(taskId: string, attachments: readonly Attachment[]): void {
    this.#change(taskId, () => ({ attachments }));
  }

  setNewTask(change: Partial<NewTaskDraft>): void {
    this.#newTask.change((before) => ({ ...before, ...change }));
  }

  clearNewTask(): void {
    this.#newTask.change(() => EMPTY_NEW_TASK);
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
    this.#change(taskId, ({ viewed }) => {
      const { [path]: _before, ...others } = viewed;
      return { viewed: fingerprint === null ? others : { ...others, [path]: fingerprint } };
    });
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
        next.reviewNote === "" &&
        Object.keys(next.viewed).length === 0;
      return isEmpty ? EMPTY_TASK_DRAFT : next;
    });
  }
}
