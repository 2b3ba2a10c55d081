import type { Attachment } from "@farhand/protocol";
import { ATTACHMENT_MAX_BYTES, ATTACHMENTS_MAX } from "@farhand/protocol/constants";
import type { LocalStore, LocalTransaction } from "../local/local-store.ts";

/** What all files on this device may take that wait to be sent. */
export const KEPT_MAX_BYTES = 100 * 1024 * 1024;
/** One that neither a draft nor the outbox names is left over from a crash; another tab may just be making it. */
const LEFT_OVER_MS = 24 * 60 * 60_000;

const NOTES = "attachment/note/";
const BYTES = "attachment/bytes/";

interface Note extends Attachment {
  keptAt: string;
}

/** A file cannot be kept; `message` is the sentence for the person. */
export class AttachmentError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "AttachmentError";
  }
}

export interface AttachmentsOptions {
  local: LocalStore;
  newId: () => string;
  now: () => number;
}

/** What a person has chosen, as the platform gives it. */
export interface ChosenFile {
  name: string;
  /** Empty where the platform does not know. */
  mediaType: string;
  bytes: Uint8Array;
}

/** Photos and files on this device, from when they are chosen until the server has them and the message that names them. */
export class DeviceAttachments {
  readonly #options: AttachmentsOptions;

  constructor(options: AttachmentsOptions) {
    this.#options = options;
  }

  /**
   * Keeps files on the device, all of them or none: then they are safe, whatever happens to the app.
   *
   * @param present how many the message has already
   * @throws AttachmentError where one is too large, or there are too many
   */
  async keep(files: readonly ChosenFile[], present = 0): Promise<Attachment[]> {
    const { local, newId, now } = this.#options;
    if (present + files.length > ATTACHMENTS_MAX)
      throw new AttachmentError(`A message takes ${ATTACHMENTS_MAX} photos and files at most.`);
    const large = files.find(({ bytes }) => bytes.byteLength > ATTACHMENT_MAX_BYTES);
    if (large)
      throw new AttachmentError(
        `${large.name} is larger than ${mebibytes(ATTACHMENT_MAX_BYTES)}, which is the most that can be attached.`,
      );
    const keptAt = new Date(now()).toISOString();
    const made = files.map(({ name, mediaType, bytes }) => ({
      attachment: {
        id: newId(),
        name: fileName(name),
        mediaType: knownType(mediaType),
        sizeBytes: bytes.byteLength,
      },
      bytes,
    }));
    await local.transaction("write", async (tx) => {
      const held = (await notesIn(tx)).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      const more = made.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
      if (held + more > KEPT_MAX_BYTES)
        throw new AttachmentError(
          `Photos and files of ${mebibytes(KEPT_MAX_BYTES)} wait on this device already. Let them be sent, or take some out.`,
        );
      for (const { attachment, bytes } of made) {
        await tx.put(BYTES + attachment.id, bytes);
        await tx.put(NOTES + attachment.id, { ...attachment, keptAt } satisfies Note);
      }
    });
    return made.map(({ attachment }) => attachment);
  }

  /** Null where this device does not have them, or no longer. */
  async bytes(id: string): Promise<Uint8Array | null> {
    const bytes = await this.#options.local.transaction("read", (tx) => tx.get(BYTES + id));
    return bytes instanceof Uint8Array ? bytes : null;
  }

  async drop(ids: readonly string[]): Promise<void> {
    await this.#options.local.transaction("write", (tx) => dropAttachments(tx, ids));
  }

  /** Removes what a crash has left over. `named`: prefixes under which values name attachments. */
  async sweep(named: readonly string[]): Promise<void> {
    const { local, now } = this.#options;
    await local.transaction("write", async (tx) => {
      const old = (await notesIn(tx)).filter(({ keptAt }) => now() - Date.parse(keptAt) > LEFT_OVER_MS);
      if (old.length === 0) return;
      const texts: string[] = [];
      for (const prefix of named)
        for (const { value } of await tx.list({ prefix })) texts.push(JSON.stringify(value));
      const isNamed = (id: string) => texts.some((text) => text.includes(id));
      await dropAttachments(
        tx,
        old.map(({ id }) => id).filter((id) => !isNamed(id)),
      );
    });
  }
}

/** For who removes what names them, in the same transaction. */
export async function dropAttachments(tx: LocalTransaction, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await tx.delete(BYTES + id);
    await tx.delete(NOTES + id);
  }
}

async function notesIn(tx: LocalTransaction): Promise<Note[]> {
  return (await tx.list({ prefix: NOTES })).map(({ value }) => value as Note);
}

const mebibytes = (bytes: number): string => `${Math.round(bytes / 1024 ** 2)} MiB`;

const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/;

function knownType(given: string): string {
  const type = given.split(";")[0]?.trim().toLowerCase() ?? "";
  return MEDIA_TYPE.test(type) && type.length <= 127 ? type : "application/octet-stream";
}

const NAME_MAX_BYTES = 200;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what no file's name may have
const NOT_IN_NAMES = /[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** As the server takes it: no path, nothing that cannot be seen, and shortened in front of its ending. */
export function fileName(given: string): string {
  const last = given.split(/[/\\]/).at(-1) ?? "";
  const plain = last.replace(NOT_IN_NAMES, "").trim();
  const name = plain === "" || plain === "." || plain === ".." ? "file" : plain;
  const ending = /\.[A-Za-z0-9]{1,10}$/.exec(name)?.[0] ?? "";
  const letters = [...name.slice(0, name.length - ending.length)];
  const bytesOf = (text: string) => new TextEncoder().encode(text).length;
  while (bytesOf(letters.join("") + ending) > NAME_MAX_BYTES) letters.pop();
  return (letters.join("").trimEnd() || "file") + ending;
}
