import type { z } from "zod";
import { UsageError } from "./usage-error.ts";

/**
 * Refuses here what the server would refuse, in its words and before it is asked.
 * @param command whose help says how it is meant
 * @throws UsageError
 */
export function checked<T>(schema: z.ZodType<T>, value: unknown, command: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) =>
    issue.path.length === 0 ? issue.message : `${issue.path.join(".")}: ${issue.message}`,
  );
  throw new UsageError(wrong.join("; "), `See: farhand ${command} --help`);
}
