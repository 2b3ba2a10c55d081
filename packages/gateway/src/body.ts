import type { z } from "zod";
import { problem } from "./problem.ts";

export type BodyResult<T> = { ok: true; value: T } | { ok: false; response: Response };

/** Reads a body whole, never holding more than `maxBytes` of it. */
export async function readBytes(request: Request, maxBytes: number): Promise<BodyResult<Uint8Array>> {
  const tooLarge = (): BodyResult<Uint8Array> => ({
    ok: false,
    response: problem("payload_too_large", `The body may be ${maxBytes} bytes long at most.`),
  });
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) return tooLarge();
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of request.body ?? []) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > maxBytes) return tooLarge();
    chunks.push(chunk);
  }
  return { ok: true, value: Buffer.concat(chunks) };
}

/** Parses a JSON body by its schema; a wrong one becomes a 400 that names the fields. */
export function parseJson<T>(bytes: Uint8Array, schema: z.ZodType<T>): BodyResult<T> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return { ok: false, response: problem("invalid_request", "The body is not JSON in UTF-8.") };
  }
  return parse(json, schema, "body");
}

export function parse<T>(input: unknown, schema: z.ZodType<T>, what: "body" | "query"): BodyResult<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return { ok: true, value: parsed.data };
  const fields = parsed.error.issues.map((issue) => ({ path: issue.path.join("."), message: issue.message }));
  const first = fields[0];
  const detail = `The ${what} is not what the protocol says${first ? `: ${first.path} ${first.message}` : ""}.`;
  return { ok: false, response: problem("invalid_request", detail, { fields }) };
}
