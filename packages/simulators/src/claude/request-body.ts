import type { IncomingMessage } from "node:http";
import { ApiError, invalid } from "./api-error.ts";

/** Largest body that the API takes. */
export const BODY_MAX_BYTES = 32 * 1024 * 1024;

/** Reads and parses a JSON body. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > BODY_MAX_BYTES) continue;
    chunks.push(chunk);
  }
  // The rest was read and dropped, so that the client gets the answer in place of a broken connection.
  if (sizeBytes > BODY_MAX_BYTES) {
    throw new ApiError("request_too_large", "Request exceeds the maximum allowed number of bytes.");
  }
  const type = request.headers["content-type"] ?? "";
  if (!/^application\/json\b/i.test(type)) throw invalid("Content-Type must be application/json");
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks)));
  } catch {
    throw invalid("The request body is not valid JSON.");
  }
}
