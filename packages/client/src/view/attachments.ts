import type { Attachment } from "@farhand/protocol";

/** Those of an event, which a newer server may make in another way: what is none is left out. */
export const attachmentsIn = ({ attachments }: { attachments?: unknown }): Attachment[] =>
  Array.isArray(attachments) ? attachments.filter(isAttachment) : [];

function isAttachment(value: unknown): value is Attachment {
  if (typeof value !== "object" || value === null) return false;
  const { id, name, mediaType, sizeBytes } = value as Record<string, unknown>;
  return [id, name, mediaType].every((it) => typeof it === "string") && typeof sizeBytes === "number";
}
