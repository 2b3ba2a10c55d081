import { type Command, taskOf } from "./command.ts";
import type { OutboxEntry } from "./entry.ts";

/** A person may have changed their mind about what is older than this. */
export const ASK_AFTER_MS = 60 * 60 * 1000;

export type Next =
  | { do: "send"; entry: OutboxEntry }
  /** It is too old to be sent unasked. */
  | { do: "ask"; entry: OutboxEntry }
  /** Nothing can be sent; the next try is due at that time, by the device's clock. */
  | { do: "wait"; untilMs: number | null };

/** It waits for nothing that was asked before it, and what was asked before it waits until it is there. */
export const isStop = ({ type }: Command): boolean => type === "stop" || type === "cancel";

/** What is about the moment, and not held up by an older command that a person has still to confirm. */
const isUrgent = (command: Command) =>
  isStop(command) || command.type === "answer" || command.type === "approve";

/**
 * What to do with the commands, in their order. Those of one task go one after the other, and a stop before them all; one
 * that was refused holds nobody up, and one that waits for a person's word lets only what is urgent pass.
 */
export function nextStep(entries: readonly OutboxEntry[], nowMs: number): Next {
  const old = entries.find(
    (entry) =>
      isOnItsWay(entry) && nowMs - Date.parse(entry.confirmedAt) > ASK_AFTER_MS && entry.status !== "sent",
  );
  if (old) return { do: "ask", entry: old };
  let untilMs: number | null = null;
  for (const entry of [...entries.filter(stops), ...entries.filter((it) => !stops(it))]) {
    if (!isOnItsWay(entry) || heldUpBy(entry, entries) !== null) continue;
    const retryAtMs = entry.retryAt === null ? 0 : Date.parse(entry.retryAt);
    if (retryAtMs <= nowMs) return { do: "send", entry };
    untilMs = Math.min(untilMs ?? retryAtMs, retryAtMs);
  }
  return { do: "wait", untilMs };
}

const stops = ({ command }: OutboxEntry): boolean => isStop(command);

/** The command that has to go before this one; null where none has to. */
export function heldUpBy(entry: OutboxEntry, entries: readonly OutboxEntry[]): OutboxEntry | null {
  const task = taskOf(entry.command);
  if (task === null || stops(entry)) return null;
  const stop = entries.find((it) => stops(it) && isOnItsWay(it) && taskOf(it.command) === task);
  if (stop) return stop;
  let unconfirmed: OutboxEntry | null = null;
  for (const before of entries) {
    if (before.id === entry.id) return isUrgent(entry.command) ? null : unconfirmed;
    if (taskOf(before.command) !== task) continue;
    if (before.status === "needs_confirmation") unconfirmed ??= before;
    // One that waits behind an unconfirmed one holds up nobody by itself.
    else if (isOnItsWay(before) && (unconfirmed === null || isUrgent(before.command))) return before;
  }
  return null;
}

const isOnItsWay = ({ status }: OutboxEntry): boolean =>
  status === "unsent" || status === "sending" || status === "retrying";
