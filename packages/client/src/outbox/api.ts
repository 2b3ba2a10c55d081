import type { Observable } from "../sync/observable.ts";
import type { Command } from "./command.ts";
import type { OutboxEntry } from "./entry.ts";

/** It is too late for that, or there is no such entry. `message` is the sentence for the person. */
export class OutboxError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "OutboxError";
  }
}

export interface AddOptions {
  /** Not before so much time has passed: until then it can be withdrawn for certain. */
  afterMs?: number;
  /** It was asked before, by something else on this device, under this key and at that time: it stays one command. */
  id?: string;
  askedAtMs?: number;
  mayHaveArrived?: boolean;
}

/** Commands on their way to the server, in the order in which they are sent. */
export interface Outbox extends Observable<readonly OutboxEntry[]> {
  /**
   * Keeps the command on the device, and returns when it is safe there: the composer may clear. It is sent as soon as
   * possible.
   * @throws what the device's store throws when it cannot keep it.
   */
  add(command: Command, options?: AddOptions): Promise<OutboxEntry>;
  /**
   * Gives an unsent or refused command another text (prompt, message or answer). @throws OutboxError when it is too
   * late: the server may have it.
   */
  edit(entryId: string, text: string): Promise<void>;
  /**
   * Takes a command out that is not being sent just now. `mayHaveArrived`: it was sent before, and the server may have
   * done it all the same. Its attachments go from the device, unless `keepsAttachments`: then a draft names them.
   * @throws OutboxError when it is too late.
   */
  withdraw(entryId: string, options?: { keepsAttachments?: boolean }): Promise<{ mayHaveArrived: boolean }>;
  /** @param taskId null for new tasks. @param entryIds all that can still be moved of one task, in their new order. @throws OutboxError */
  reorder(taskId: string | null, entryIds: readonly string[]): Promise<void>;
  /** Says of a command that was refused, or needs confirmation, that it still holds: it is sent. */
  confirm(entryId: string): Promise<void>;
  /** Sends what waits for its next try now. Resolves when there is nothing left to try at present. */
  flush(): Promise<void>;
  /** The app is put away: what waits for a time in which it could be taken back is sent at once. */
  hurry(): Promise<void>;
  /**
   * The server will not have it, and its `reason` says why. A refused stop is in the outbox no more: what it was to stop has
   * ended.
   */
  refused(listener: (entry: OutboxEntry) => void): () => void;
  /** The answer to the command, once the server has it: the new task of `create_task` and `fork`. */
  done(listener: (done: { entry: OutboxEntry; answer: unknown }) => void): () => void;
}
