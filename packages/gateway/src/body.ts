import type { z } from "zod";
import { busy, problem } from "./problem.ts";

export type BodyResult<T> = { ok: true; value: T } | { ok: false; response: Response };

/** How long a body may stop coming, and how long all of it may take: it comes from this very machine. */
const BODY_LIMITS = { stallMs: 30_000, totalMs: 120_000 };

/** Reads a body whole, never holding more than `maxBytes` of it, and not waiting for one that does not come. */
export async function readBytes(
  request: Request,
  maxBytes: number,
  limits = BODY_LIMITS,
): Promise<BodyResult<Uint8Array>> {
  const tooLarge = (): BodyResult<Uint8Array> => ({
    ok: false,
    response: problem("payload_too_large", `The body may be ${maxBytes} bytes long at most.`),
  });
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) return tooLarge();
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  const reader = request.body?.getReader();
  const { promise: late, resolve } = Promise.withResolvers<"late">();
  const stall = setTimeout(() => resolve("late"), limits.stallMs);
  const total = setTimeout(() => resolve("late"), limits.totalMs);
  try {
    for (;;) {
      const read = await Promise.race([reader?.read(), late]);
      if (read === "late") {
        void reader?.cancel().catch(() => undefined);
        return { ok: false, response: busy("The rest of the body did not come in time.") };
      }
      if (read === undefined || read.done) return { ok: true, value: Buffer.concat(chunks) };
      stall.refresh();
      sizeBytes += read.value.byteLength;
      if (sizeBytes > maxBytes) {
        void reader?.cancel().catch(() => undefined);
        return tooLarge();
      }
      chunks.push(read.value);
    }
  } finally {
    clearTimeout(stall);
    clearTimeout(total);
  }
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
