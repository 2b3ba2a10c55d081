import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { PICTURE_HEAD_BYTES, pictureTypeOf } from "@farhand/pictures";
import type { Attachment } from "@farhand/protocol";
import type {
  AttachmentKeeper,
  AttachmentStore,
  OpenAttachment,
  StoredAttachment,
} from "../domain/attachment.ts";
import { failure } from "../domain/failure.ts";

/** One that no task names is kept for this long: a device may be offline for days after it has uploaded it. */
export const UNNAMED_KEPT_MS = 7 * 24 * 60 * 60_000;
const REMOVED_A_ROUND = 500;

export interface KeeperOptions {
  store: AttachmentStore;
  /** Is made when the first comes. */
  directory: string;
  /** What all attachments of one user may take together; null for no bound. */
  userMaxBytes: number | null;
  /** With less of the disk free nothing is taken. */
  diskFreeBytes: number;
  onError(error: unknown): void;
}

export function createAttachmentKeeper(options: KeeperOptions): AttachmentKeeper {
  const { store, directory, userMaxBytes } = options;
  const pathOf = (file: string) => join(directory, file);

  async function write(file: string, bytes: Uint8Array): Promise<void> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const { bavail, bsize } = await statfs(directory);
    if (bavail * bsize - bytes.byteLength < options.diskFreeBytes) throw diskFull();
    try {
      await using target = await open(pathOf(file), "wx", 0o600);
      await target.writeFile(bytes);
      // The client forgets its copy once the server says that it has one.
      await target.sync();
    } catch (error) {
      await rm(pathOf(file), { force: true });
      throw error instanceof Error && "code" in error && error.code === "ENOSPC" ? diskFull() : error;
    }
  }

  async function opened(found: StoredAttachment | null): Promise<OpenAttachment | null> {
    if (!found) return null;
    const bytes = Bun.file(pathOf(found.file));
    // An archive is made of the database first, and a file may have gone before its copy.
    if (!(await bytes.exists())) return null;
    const head = new Uint8Array(await bytes.slice(0, PICTURE_HEAD_BYTES).arrayBuffer());
    return { attachment: shown(found), bytes, imageType: pictureTypeOf(head) };
  }

  return {
    async put(userId, attachment, bytes) {
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      const mine = { ...attachment, userId, sizeBytes: bytes.byteLength, sha256, file: randomUUID() };
      const known = await store.find(userId, attachment.id);
      if (!known) await write(mine.file, bytes);
      else if (known.sha256 !== sha256) throw otherBytes();
      const kept = await store.add(known ?? mine, userMaxBytes).catch(async (error: unknown) => {
        await rm(pathOf(mine.file), { force: true });
        throw error;
      });
      if (kept !== "full" && kept.file === mine.file) return { attachment: shown(kept), isNew: true };
      // Another request with the same id was quicker, or there is no room.
      if (!known) await rm(pathOf(mine.file), { force: true });
      if (kept === "full") throw noRoom(userMaxBytes ?? 0);
      if (kept.sha256 !== sha256) throw otherBytes();
      return { attachment: shown(kept), isNew: false };
    },

    open: async (userId, id) => opened(await store.find(userId, id)),
    openForTask: async (taskId, id) => opened(await store.ofTask(taskId, id)),

    named: (userId, ids = []) =>
      Promise.all(
        ids.map(async (id) => {
          const found = await store.find(userId, id);
          if (found) return shown(found);
          throw failure(
            "attachment_unknown",
            `There is no attachment ${id}: it was never uploaded, or removed because no message named it for a week.`,
            "Upload it with PUT /api/attachments/{id}, and send the message again.",
          );
        }),
      ),

    bytesOfTask: (taskId) => store.bytesOfTask(taskId),

    async sweep(now) {
      const before = new Date(now.getTime() - UNNAMED_KEPT_MS);
      for (const { file } of await store.forget(before, REMOVED_A_ROUND))
        await rm(pathOf(file), { force: true }).catch(options.onError);
    },
  };
}

function shown({ id, name, mediaType, sizeBytes }: StoredAttachment): Attachment {
  return { id, name, mediaType, sizeBytes };
}

const otherBytes = () =>
  failure(
    "conflict",
    "There is an attachment of this id already, and its bytes are others.",
    "Give each file an id of its own: a new random UUID.",
  );

const noRoom = (maxBytes: number) =>
  failure(
    "payload_too_large",
    `Your attachments would take more than the ${Math.round(maxBytes / 1024 ** 2)} MiB that they may together.`,
    "Archive tasks whose photos and files are no longer needed: they go with the tasks' files. Or ask the server's owner for more room.",
  );

const diskFull = () =>
  failure(
    "disk_full",
    "The server's disk has no room for another attachment.",
    "Tell the server's owner; what was sent without attachments is not concerned.",
  );
