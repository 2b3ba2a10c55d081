import type { Attachment } from "@farhand/protocol";
import type { RestApi } from "../rest-api.ts";
import type { Command } from "./command.ts";

/** As long as a slow connection takes for one file. */
const UPLOAD_TIMEOUT_MS = 10 * 60_000;

/** A file of the command is on this device no more, as when a browser has cleared it: nobody can send it. */
export class AttachmentLost extends Error {
  constructor(name: string) {
    super(`${name} is no longer on this device. Discard this message and write it again.`);
    this.name = "AttachmentLost";
  }
}

/** The photos and files that belong to a command. */
export const attachmentsOf = (command: Command): readonly Attachment[] =>
  "attachments" in command ? (command.attachments ?? []) : [];

export const attachmentIds = (command: Command): string[] => attachmentsOf(command).map(({ id }) => id);

/** Brings files to the server before the message that names them. What has arrived is remembered while the app runs. */
export class Uploads {
  readonly #arrived = new Set<string>();
  readonly #api: Pick<RestApi, "putAttachment">;
  readonly #bytes: (id: string) => Promise<Uint8Array | null>;

  constructor(api: Pick<RestApi, "putAttachment">, bytes: (id: string) => Promise<Uint8Array | null>) {
    this.#api = api;
    this.#bytes = bytes;
  }

  /** @throws AttachmentLost, and what the upload throws */
  async send(command: Command, stop: AbortController): Promise<void> {
    for (const attachment of attachmentsOf(command)) {
      if (this.#arrived.has(attachment.id)) continue;
      const bytes = await this.#bytes(attachment.id);
      if (bytes === null) throw new AttachmentLost(attachment.name);
      const timer = setTimeout(() => stop.abort(), UPLOAD_TIMEOUT_MS);
      try {
        await this.#api.putAttachment(attachment, bytes, stop.signal);
      } finally {
        clearTimeout(timer);
      }
      this.#arrived.add(attachment.id);
    }
  }

  /** The server says that it does not have them after all, or they are needed no more. */
  forget(command: Command): void {
    for (const id of attachmentIds(command)) this.#arrived.delete(id);
  }
}
