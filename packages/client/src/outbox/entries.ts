/** What the outbox holds, and the small steps of what becomes of it. */
import { dropAttachments } from "../attachments/attachments.ts";
import type { LocalTransaction } from "../local/local-store.ts";
import { type AddOptions, OutboxError } from "./api.ts";
import type { Command } from "./command.ts";
import type { OutboxEntry } from "./entry.ts";
import { messageIdOf } from "./message-id.ts";
import { heldUpBy } from "./next.ts";
import { attachmentIds } from "./uploads.ts";

export const OUTBOX_PREFIX = "outbox/";

export function newEntry(
  command: Command,
  { id, askedAtMs, afterMs = 0, mayHaveArrived = false }: AddOptions & { id: string; askedAtMs: number },
  position: number,
): OutboxEntry {
  const at = new Date(askedAtMs).toISOString();
  return {
    id,
    command,
    createdAt: at,
    confirmedAt: at,
    position,
    status: "unsent",
    attempts: 0,
    mayHaveArrived,
    retryAt: afterMs > 0 ? new Date(askedAtMs + afterMs).toISOString() : null,
    cause: null,
    reason: null,
    problem: null,
    messageId: command.type === "send_message" ? messageIdOf(command.taskId, id) : null,
  };
}

/** In the order in which they are sent. */
export async function entriesIn(tx: LocalTransaction): Promise<OutboxEntry[]> {
  const entries = (await tx.list({ prefix: OUTBOX_PREFIX })).map(({ value }) => value as OutboxEntry);
  return entries.sort((a, b) => a.position - b.position);
}

export const put = (tx: LocalTransaction, entry: OutboxEntry): Promise<void> =>
  tx.put(OUTBOX_PREFIX + entry.id, entry);

/** With the bytes that only it needed. */
export async function remove(tx: LocalTransaction, entry: OutboxEntry): Promise<void> {
  await tx.delete(OUTBOX_PREFIX + entry.id);
  await dropAttachments(tx, attachmentIds(entry.command));
}

export function found(entries: readonly OutboxEntry[], entryId: string): OutboxEntry {
  const entry = entries.find(({ id }) => id === entryId);
  if (!entry) throw new OutboxError("This is no longer in the outbox: it was sent, or taken out.");
  return entry;
}

export const tooLate = () => new OutboxError("It is too late for that: the server may have it already.");

export const canMove = (entry: OutboxEntry): boolean =>
  entry.status !== "sending" && entry.status !== "sent" && !entry.mayHaveArrived;

/** Ready to be sent, as a person has just said it. */
export const fresh = (entry: OutboxEntry, nowMs: number): OutboxEntry => ({
  ...entry,
  status: "unsent",
  confirmedAt: new Date(nowMs).toISOString(),
  retryAt: null,
  cause: null,
  reason: null,
  problem: null,
});

/** Another request: under its old key the server would only repeat what it said. The place in the order stays. */
export const renewed = (entry: OutboxEntry, id: string, command: Command, nowMs: number): OutboxEntry => ({
  ...fresh(entry, nowMs),
  id,
  command,
  attempts: 0,
  messageId: command.type === "send_message" ? messageIdOf(command.taskId, id) : null,
});

export const askAbout = (entry: OutboxEntry): OutboxEntry => ({
  ...entry,
  status: "needs_confirmation",
  retryAt: null,
  cause: "old",
  reason: entry.mayHaveArrived
    ? "It is more than an hour old. It may have reached the server; sent again, it is done once. Send it still?"
    : "It is more than an hour old and was not sent. Send it still?",
});

/** Asked for twice, these are one: a second tap on "stop" is no second stop. */
export function repeats(known: OutboxEntry, command: Command): boolean {
  if (known.status === "refused" || known.status === "needs_confirmation") return false;
  const isOne = ["stop", "cancel", "retry", "archive", "approve", "withdraw_message", "allow_host"];
  return isOne.includes(command.type) && JSON.stringify(known.command) === JSON.stringify(command);
}

/** With the reason that follows from the others, or from the connection. */
export function explained(
  entry: OutboxEntry,
  entries: readonly OutboxEntry[],
  isOffline: boolean,
): OutboxEntry {
  if (entry.status !== "unsent" && entry.status !== "retrying") return entry;
  if (isOffline)
    return {
      ...entry,
      cause: "unreachable",
      reason: "There is no connection. It is sent as soon as there is one.",
    };
  const before = heldUpBy(entry, entries);
  if (before === null) return entry;
  const reason =
    before.status === "needs_confirmation"
      ? "It waits until you have said what becomes of an older one before it."
      : "It waits for the one before it.";
  return { ...entry, cause: "behind", reason };
}
