import type { Attachment } from "@farhand/protocol";

/** An attachment with the place of its bytes. */
export interface StoredAttachment extends Attachment {
  userId: string;
  sha256: string;
  /** Name of the file that holds the bytes, made anew for each upload: what is removed is never what has just come. */
  file: string;
}

/** What is known of attachments. Which task names which follows from the log. `database/` implements it. */
export interface AttachmentStore {
  find(userId: string, id: string): Promise<StoredAttachment | null>;
  /**
   * Notes one that has come, unless the user has one of this id: then that one is given, and its time begins anew.
   * `full` where the user's attachments together would hold more than `maxBytes`.
   */
  add(attachment: StoredAttachment, maxBytes: number | null): Promise<StoredAttachment | "full">;
  /** The one of that id that an event of the task names. */
  ofTask(taskId: string, id: string): Promise<StoredAttachment | null>;
  /** Bytes of those that the task's events name. */
  bytesOfTask(taskId: string): Promise<number>;
  /**
   * Forgets those that no task names: what came before that time, and what was named by tasks alone whose files were
   * removed. @returns them
   */
  forget(before: Date, limit: number): Promise<StoredAttachment[]>;
}

/** The user's attachments and their bytes. */
export interface AttachmentKeeper {
  /**
   * Keeps the bytes. The same ones under the same id again change nothing.
   *
   * @throws FarhandError `conflict` for other bytes under the id, `payload_too_large` where the user has no room left,
   *   `disk_full`
   */
  put(
    userId: string,
    attachment: Omit<Attachment, "sizeBytes">,
    bytes: Uint8Array,
  ): Promise<{ attachment: Attachment; isNew: boolean }>;
  /** Null for one that is not there, or somebody else's. */
  open(userId: string, id: string): Promise<OpenAttachment | null>;
  /** One that the task's events name. */
  openForTask(taskId: string, id: string): Promise<OpenAttachment | null>;
  /** @throws FarhandError `attachment_unknown` where the user has not uploaded one of them */
  named(userId: string, ids: readonly string[] | undefined): Promise<Attachment[]>;
  bytesOfTask(taskId: string): Promise<number>;
  /** Removes what nobody needs any more. */
  sweep(now: Date): Promise<void>;
}

export interface OpenAttachment {
  attachment: Attachment;
  bytes: Blob;
  /** `image/png`, jpeg, gif or webp, where the bytes are of such a picture, whatever was said of them. */
  imageType: string | null;
}

/** For an event or a message: the field is left out where there are none. */
export const withAttachments = (
  attachments: readonly Attachment[] | undefined,
): { attachments?: Attachment[] } => (attachments?.length ? { attachments: [...attachments] } : {});
