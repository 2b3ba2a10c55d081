import type { Problem } from "@farhand/protocol";
import { ApiError } from "../api-error.ts";
import { type Backoff, backoffMs } from "../backoff.ts";
import type { OutboxCause, OutboxEntry } from "./entry.ts";
import { AttachmentLost } from "./uploads.ts";

/** How long a command waits that could not be sent: what is in vain costs battery. */
export const OUTBOX_BACKOFF: Backoff = { firstDelayMs: 1_000, maxDelayMs: 60_000 };

export interface SendFailure {
  change: Pick<OutboxEntry, "status" | "cause" | "reason" | "problem" | "retryAt" | "mayHaveArrived">;
  /** Others would fail alike: no use to go on now. */
  stopsAll: boolean;
}

/** What becomes of a command that could not be sent. @param random in [0, 1) */
export function failureOf(error: unknown, attempts: number, nowMs: number, random: number): SendFailure {
  const delayMs = backoffMs(attempts - 1, OUTBOX_BACKOFF, random);
  const retry = (
    cause: OutboxCause,
    reason: string,
    problem: Problem | null,
    { waitMs = delayMs, mayHaveArrived }: { waitMs?: number | null; mayHaveArrived: boolean },
  ): SendFailure => ({
    change: {
      status: "retrying",
      cause,
      reason,
      problem,
      retryAt: waitMs === null ? null : new Date(nowMs + waitMs).toISOString(),
      mayHaveArrived,
    },
    stopsAll: true,
  });

  if (error instanceof AttachmentLost) return refused(error.message, null);
  if (!(error instanceof ApiError))
    return retry("unreachable", "The server did not answer. It is sent again by itself.", null, {
      mayHaveArrived: true,
    });

  const { problem, retryAfterMs } = error;
  const waitMs = Math.max(delayMs, retryAfterMs ?? 0);
  switch (true) {
    case problem.status === 401:
      return retry("signed_out", "You are signed out. Sign in again, and it is sent.", problem, {
        waitMs: null,
        mayHaveArrived: false,
      });
    case problem.status === 429:
      return retry("rate_limited", "The server wants fewer requests. It is sent again by itself.", problem, {
        waitMs,
        mayHaveArrived: false,
      });
    // Also what is not understood: a success that is none of ours, as of a network that wants a sign-in.
    case problem.status >= 500 || problem.status === 408:
      return retry(
        "server",
        `The server has trouble: ${problem.detail} It is sent again by itself.`,
        problem,
        {
          waitMs,
          mayHaveArrived: problem.code !== "not_ready",
        },
      );
    // It was there, and has gone: this device still has it.
    case problem.code === "attachment_unknown":
      return retry("server", "The server has lost a file of it. It is sent again by itself.", problem, {
        mayHaveArrived: false,
      });
    // From somebody between here and the server, who says nothing about the command.
    case error.isUnworded && problem.status !== 413:
      return retry(
        "server",
        `Something between here and the server refused it with status ${problem.status}. It is sent again by itself.`,
        problem,
        { waitMs, mayHaveArrived: false },
      );
    default:
      return refused(`${problem.detail} ${problem.action}`.trim(), problem);
  }
}

const refused = (reason: string, problem: Problem | null): SendFailure => ({
  change: { status: "refused", cause: "refused", reason, problem, retryAt: null, mayHaveArrived: false },
  stopsAll: false,
});
