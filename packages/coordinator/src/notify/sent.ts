import { FarhandError } from "../domain/failure.ts";
import type { Sent } from "../domain/notification.ts";

/** Longest that a service may take. */
export const SEND_TIMEOUT_MS = 15_000;

/**
 * What an answer means, as the push services and ntfy give it. Their words are not passed on: they may hold the address.
 *
 * @param goneAt statuses that say that nobody is reached there any more
 */
export function outcomeOf(response: Response, goneAt: readonly number[], now: Date): Sent {
  const { status, ok } = response;
  if (ok) return { status: "sent", receiptId: null };
  if (goneAt.includes(status))
    return { status: "gone", why: `The service says that the device is gone (${status}).` };
  if (status === 408 || status === 429 || status >= 500)
    return {
      status: "retry",
      afterMs: retryAfterMs(response.headers.get("retry-after"), now),
      why: `The service cannot take it just now (${status}).`,
    };
  return { status: "refused", why: `The service refuses it (${status}).` };
}

/** `retry-after` in either form: seconds, or a date. */
export function retryAfterMs(header: string | null, now: Date): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime());
}

/** What became of a request without an answer. @throws what is no trouble of the network but a bug */
export function troubleOf(error: unknown): Sent {
  if (error instanceof FarhandError) {
    const { code, message } = error.failure;
    if (code === "key_unreachable") return { status: "retry", afterMs: null, why: message };
    return { status: "refused", why: message };
  }
  return { status: "retry", afterMs: null, why: "The service does not answer." };
}
