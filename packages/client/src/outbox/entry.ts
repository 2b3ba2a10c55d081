import type { Problem } from "@farhand/protocol";
import type { Command } from "./command.ts";

/** Why an entry is still here; the words to it are its `reason`. */
export type OutboxCause =
  /** No connection, or nobody answered. */
  | "unreachable"
  /** The server has trouble of its own. */
  | "server"
  | "rate_limited"
  /** Somebody has to sign in again. */
  | "signed_out"
  | "refused"
  /** Older than an hour. */
  | "old"
  /** It waits for one before it that concerns the same task. */
  | "behind";

/**
 * `unsent`: it goes out as soon as it can. `sending`: the server may have it. `retrying`: it failed for a passing
 * reason. `refused`: the server will not have it as it is; a person edits or discards it. `needs_confirmation`: it is
 * older than an hour, and a person says whether it still holds. `sent`: the server has the message and its log will show it in a moment.
 */
export type OutboxStatus = "unsent" | "sending" | "retrying" | "refused" | "needs_confirmation" | "sent";

/** A command that the server does not have yet, as far as this side knows. Kept on the device. */
export interface OutboxEntry {
  /**
   * The command's name here, and its Idempotency-Key there: a UUID, but for what was asked before under another key. A refused
   * one gets a new key when it is edited.
   */
  id: string;
  command: Command;
  /** ISO 8601, by this device's clock. */
  createdAt: string;
  /** When a person last said that it still holds; the same as `createdAt` at first. */
  confirmedAt: string;
  /** Place among all entries; those of one task are sent in this order. */
  position: number;
  status: OutboxStatus;
  /** Times that it was sent. */
  attempts: number;
  /** It was sent, and nobody knows whether it arrived. Sent again under the same key, it is done once all the same. */
  mayHaveArrived: boolean;
  /** When it is sent by itself, at the earliest; null where nothing waits for a time. */
  retryAt: string | null;
  cause: OutboxCause | null;
  /** Why it is still here, in a sentence; null for one that has only just been made. */
  reason: string | null;
  /** What the server said of it, when it refused. */
  problem: Problem | null;
  /** Of `send_message`: the id that the message will have. */
  messageId: string | null;
}
