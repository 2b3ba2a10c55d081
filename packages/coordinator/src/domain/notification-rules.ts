/** What is told to people, and what no more. Pure. */
import type { NeedReason, TaskEvent } from "@farhand/protocol";
import type { Delivery, Notice } from "./notification.ts";
import type { TaskRecord } from "./store.ts";

/** A turn that ended may go on at once, with what was written meanwhile: nothing is told of an end that is none. */
export const QUIET_MS = 5_000;
/** What else follows from the same event is in the log by then. */
const SOON_MS = 500;
/** Most notifications of one task to one device in {@link CAP_WINDOW_MS}. */
export const CAP_PER_TASK = 12;
export const CAP_WINDOW_MS = 60 * 60_000;
/** A device that could not be reached for so long hears of it in the app. */
export const GIVE_UP_MS = 12 * 60 * 60_000;

/** What an event tells, by what it has made of its task; null for nothing. */
export function noticeOf({ body, taskId, seq, at }: TaskEvent, task: TaskRecord): Notice | null {
  const nowMs = Date.parse(at);
  const notice = (
    kind: Notice["kind"],
    reason: NeedReason | null,
    subject: string,
    waitMs: number,
  ): Notice => ({ taskId, userId: task.userId, seq, kind, reason, subject, dueMs: nowMs + waitMs });
  switch (body.type) {
    case "question.asked":
      // At once: the event's time is the sandbox's own word.
      return { ...notice("needs-you", "question", body.questionId, 0), dueMs: 0 };
    case "budget.reached": {
      const { maxUsd, maxTokens } = body.limit;
      return notice("needs-you", "budget", `turn ${task.turn} ${body.scope} ${maxUsd} ${maxTokens}`, SOON_MS);
    }
    // A turn that has not begun, or whose sandbox is gone, waits in the queue for more.
    case "task.delayed":
      return body.code === "budget_reached"
        ? notice("needs-you", "budget", `turn ${task.turn} `, SOON_MS)
        : null;
    case "state.changed":
      if (body.to === "failed")
        return body.failure?.code === "approval_needed"
          ? notice("needs-you", "approval", `event ${seq}`, SOON_MS)
          : notice("failed", null, `event ${seq}`, SOON_MS);
      return body.to === "idle" ? notice("finished", null, `event ${seq}`, QUIET_MS) : null;
    default:
      return null;
  }
}

/** Whether it is still so: what was answered, raised, published or gone on with meanwhile is told to nobody. */
export function isStillSo(
  { kind, reason, subject }: Pick<Delivery, "kind" | "reason" | "subject">,
  task: TaskRecord,
): boolean {
  switch (kind) {
    case "finished":
      return task.state === "idle";
    case "failed":
      return task.state === "failed" && task.failure?.code !== "approval_needed";
    case "needs-you":
      switch (reason) {
        case "question":
          return task.question?.questionId === subject;
        case "budget":
          return task.budgetReached !== null || task.delayedBy?.code === "budget_reached";
        default:
          return task.state === "failed" && task.failure?.code === "approval_needed";
      }
  }
}

/** Whether a device was told of the same before: of a budget, whichever way the turn came to wait for it. */
export function isKnown(
  { reason, subject }: Pick<Notice, "reason" | "subject">,
  told: ReadonlySet<string>,
): boolean {
  return told.has(subject) || (reason === "budget" && [...told].some((other) => other.startsWith(subject)));
}

const FIRST_RETRY_MS = 2_000;
const RETRY_FACTOR = 4;
const LONGEST_RETRY_MS = 30 * 60_000;

/** When a delivery that could not be made is tried again; null for never. The service's own word counts within bounds. */
export function nextTryMs(
  { attempts, createdMs }: Pick<Delivery, "attempts" | "createdMs">,
  afterMs: number | null,
  nowMs: number,
  random: () => number,
): number | null {
  const ownMs = Math.min(FIRST_RETRY_MS * RETRY_FACTOR ** Math.min(attempts - 1, 10), LONGEST_RETRY_MS);
  const waitMs = Math.min(Math.max(afterMs ?? 0, ownMs * (0.75 + random() / 2)), CAP_WINDOW_MS);
  return nowMs + waitMs > createdMs + GIVE_UP_MS ? null : Math.round(nowMs + waitMs);
}
