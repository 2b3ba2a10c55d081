import type { Attachment } from "@farhand/protocol";
import type { RawFile, Rest } from "./rest.ts";

export interface AttachmentsApi {
  /** Uploads a file for a message to name. The same bytes under the same id again change nothing. */
  putAttachment(
    attachment: Omit<Attachment, "sizeBytes">,
    bytes: Uint8Array,
    signal?: AbortSignal,
  ): Promise<Attachment>;
  /** The bytes of one of your own. Read the body to its end, or cancel it. */
  attachment(id: string, signal?: AbortSignal): Promise<RawFile>;
}

/** Below the server's address. A page of the server's own may show a picture from there. */
export const attachmentPath = (id: string): string => `/api/attachments/${encodeURIComponent(id)}`;

export function createAttachmentsApi(rest: Rest): AttachmentsApi {
  return {
    putAttachment: ({ id, name, mediaType }, bytes, signal) =>
      rest.upload("Attachment", { path: attachmentPath(id), query: { name }, mediaType, bytes, signal }),
    attachment: (id, signal) => rest.bytes({ path: attachmentPath(id), signal }),
  };
}
