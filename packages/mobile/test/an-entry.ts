import type { Command, OutboxEntry } from "@farhand/client/app";

let made = 0;

/** A command that waits to be sent, with what is given in its place. */
export function anEntry(command: Command, given: Partial<OutboxEntry> = {}): OutboxEntry {
  made += 1;
  return {
    id: `entry-${made}`,
    command,
    createdAt: "2026-03-01T10:00:00.000Z",
    confirmedAt: "2026-03-01T10:00:00.000Z",
    position: made,
    status: "unsent",
    attempts: 0,
    mayHaveArrived: false,
    retryAt: null,
    cause: null,
    reason: null,
    problem: null,
    messageId: null,
    ...given,
  };
}
