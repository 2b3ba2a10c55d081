import type { NumberedWorkerEvent } from "@farhand/protocol";

/** The same events without the secrets that the server knows, in whatever text of theirs they stand. */
export function scrubEvents(
  events: NumberedWorkerEvent[],
  scrub: (text: string) => string,
): NumberedWorkerEvent[] {
  return events.map((entry) => ({ ...entry, event: scrubbed(entry.event, scrub) }));
}

/** Keys are the protocol's, or the model's own words for a tool's parameters. */
function scrubbed<T>(value: T, scrub: (text: string) => string): T {
  if (typeof value === "string") return scrub(value) as T & string;
  if (Array.isArray(value)) return value.map((item: unknown) => scrubbed(item, scrub)) as T & unknown[];
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]: [string, unknown]) => [key, scrubbed(item, scrub)]),
  ) as T & object;
}
