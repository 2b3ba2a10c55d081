import { z } from "zod";
import { ATTACHMENTS_MAX } from "./constants.ts";

/** An attachment's id: a random UUID in lower case that the client makes, so that a repeated upload is the same one. */
export const AttachmentId = z
  .string()
  .regex(
    /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    "an attachment's id is a UUID in lower case",
  );
export type AttachmentId = z.infer<typeof AttachmentId>;

/** A file's own name, which is never a path: it becomes one in the sandbox. */
export const AttachmentName = z
  .string()
  .refine(
    (name) => new TextEncoder().encode(name).length <= 200,
    "a file's name has at most 200 bytes of UTF-8",
  )
  .regex(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
    /^(?!\.{1,2}$)(?! )[^/\\\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]+(?<! )$/u,
    "a file's name has no slash and no control characters, and is not . or ..",
  );

export const MediaType = z
  .string()
  .max(127)
  .regex(/^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/, "a media type looks like image/png");

/** A photo or file that a person has put beside a message. The bytes are `GET /api/attachments/{id}`. */
export const Attachment = z.strictObject({
  id: AttachmentId,
  name: AttachmentName,
  /** As the client has said; what the bytes are is for whoever uses them to find out. */
  mediaType: MediaType,
  sizeBytes: z.int().min(0),
});
export type Attachment = z.infer<typeof Attachment>;

/** Those that a message names; each was uploaded before. */
export const AttachmentIds = z
  .array(AttachmentId)
  .max(ATTACHMENTS_MAX, `a message takes ${ATTACHMENTS_MAX} attachments`)
  .refine((ids) => new Set(ids).size === ids.length, "an attachment is named twice");

/**
 * How an attachment stands in the conversation of an assignment. It is no block of the Messages API: the worker, which
 * fetches the bytes, puts an image or a line of text in its place, the same each time.
 */
export const AttachmentBlock = z.strictObject({
  type: z.literal("farhand_attachment"),
  ...Attachment.shape,
});
export type AttachmentBlock = z.infer<typeof AttachmentBlock>;
