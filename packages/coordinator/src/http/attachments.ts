import {
  ATTACHMENT_MAX_BYTES,
  AttachmentId,
  AttachmentName,
  MediaType,
  REPLAYED_HEADER,
} from "@farhand/protocol";
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { bodyLimit } from "hono/body-limit";
import { failure } from "../domain/failure.ts";
import type { ApiContext, ApiEnvironment } from "./context.ts";
import { sendProblem } from "./problem.ts";
import { json, problems, schemas } from "./schemas.ts";

const AttachmentPath = z.strictObject({ id: AttachmentId });
const binary = { schema: z.string().openapi({ format: "binary" }) };

const putAttachment = createRoute({
  method: "put",
  tags: ["Attachments"],
  path: "/attachments/{id}",
  summary: "Upload a photo or file, for a message to name. The same bytes again change nothing",
  description: `The body is the file itself, of at most ${ATTACHMENT_MAX_BYTES / 1024 ** 2} MiB, and its media type the \`content-type\`. The id is a random UUID that the client makes. What no message names is removed after a week.`,
  request: {
    params: AttachmentPath,
    query: z.strictObject({ name: AttachmentName }),
    body: { content: { "application/octet-stream": binary } },
  },
  responses: {
    200: json(schemas.Attachment, "It was there already."),
    201: json(schemas.Attachment, "It is kept."),
    400: problems[400],
    401: problems[401],
    409: problems[409],
    413: { ...problems[413], description: "The file is too large, or your attachments are together." },
    503: problems[503],
  },
});

const getAttachment = createRoute({
  method: "get",
  tags: ["Attachments"],
  path: "/attachments/{id}",
  summary: "The bytes of one of your attachments",
  request: { params: AttachmentPath },
  responses: {
    200: {
      description: "A png, jpeg, gif or webp as that, by what its bytes are; everything else to be saved.",
      content: { "application/octet-stream": binary },
    },
    400: problems[400],
    401: problems[401],
    404: problems[404],
  },
});

export const ATTACHMENTS_PATH = "/api/attachments/";

/** In place of the limit that all other bodies have. */
export const attachmentLimit = bodyLimit({
  maxSize: ATTACHMENT_MAX_BYTES,
  onError: (c) =>
    sendProblem(c, {
      code: "payload_too_large",
      detail: `An attachment has ${ATTACHMENT_MAX_BYTES / 1024 ** 2} MiB at most.`,
      action: "Send a smaller one, or put the file into the repository.",
    }),
});

export function mountAttachments(
  api: OpenAPIHono<ApiEnvironment>,
  { attachments }: Pick<ApiContext, "attachments">,
): void {
  api.openapi(putAttachment, async (c) => {
    const { id } = c.req.valid("param");
    const { name } = c.req.valid("query");
    const mediaType = mediaTypeIn(c.req.header("content-type"));
    const bytes = new Uint8Array(await c.req.arrayBuffer());
    const kept = await attachments.put(c.get("userId"), { id, name, mediaType }, bytes);
    if (kept.isNew) return c.json(kept.attachment, 201);
    return c.json(kept.attachment, 200, { [REPLAYED_HEADER]: "true" });
  });

  api.openapi(getAttachment, async (c) => {
    const found = await attachments.open(c.get("userId"), c.req.valid("param").id);
    if (!found)
      throw failure(
        "not_found",
        "There is no such attachment.",
        "Check the id; events and messages name those that there are.",
      );
    const { attachment, bytes, imageType: image } = found;
    const headers = {
      "content-type": image ?? "application/octet-stream",
      "content-disposition": `${image ? "inline" : "attachment"}; filename*=UTF-8''${encoded(attachment.name)}`,
      "content-length": String(attachment.sizeBytes),
      "content-security-policy": "default-src 'none'; sandbox",
      "x-content-type-options": "nosniff",
    };
    if (c.req.method === "HEAD") return c.body(null, 200, headers);
    return c.body(await bytes.arrayBuffer(), 200, headers);
  });
}

/** Without its parameters, such as a boundary or a character set. */
function mediaTypeIn(header: string | undefined): string {
  const essence = header?.split(";")[0]?.trim().toLowerCase();
  if (!essence) return "application/octet-stream";
  const parsed = MediaType.safeParse(essence);
  if (parsed.success) return parsed.data;
  throw failure(
    "invalid_request",
    "content-type: a media type looks like image/png.",
    "Name the file's media type, or leave the header out.",
  );
}

/** As RFC 8187 writes a name: `encodeURIComponent` leaves some characters that it does not allow. */
const encoded = (name: string): string =>
  encodeURIComponent(name).replace(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
