/** The rows of the chat as they are drawn: what the log holds, what streams, what waits, and what was not sent yet. */
import type { Attachment } from "@farhand/protocol";
import type { OutboxEntry, OutboxStatus } from "../outbox/entry.ts";
import type { AssistantRow, Row, ThinkingRow } from "./rows.ts";
import { isAtRest, type TaskView } from "./task-view.ts";

/** The input of a tool call while it streams, as far as it has come: JSON that is cut off somewhere. */
export interface PreparingRow {
  kind: "preparing";
  id: string;
  input: string;
}

/** A message that the agent does not have yet. */
export interface PendingRow {
  kind: "pending";
  /** The id of the message. It stays the same when the server has taken it. */
  id: string;
  messageId: string;
  text: string;
  attachments: readonly Attachment[];
  at: string;
  /**
   * `steering`: the agent gets it before its next step; `queued`: with the next turn; the others are those of an
   * {@link OutboxEntry} that the server does not have.
   */
  status: "steering" | "queued" | OutboxStatus;
  /** Of the outbox's entry, where it is still there: for editing, discarding and confirming. */
  entryId: string | null;
  /** Why it has not been sent, in a sentence; null where there is nothing to say. */
  reason: string | null;
}

export type ChatRow = Row | PreparingRow | PendingRow;

/** @param entries of this task, in the order in which they will be sent. */
export function chatRows(view: TaskView, entries: readonly OutboxEntry[] = []): readonly ChatRow[] {
  const tail = [...liveRows(view), ...pendingRows(view, entries)];
  const rows = view.rows.toArray();
  return tail.length === 0 ? rows : [...rows, ...tail];
}

function liveRows(view: TaskView): (AssistantRow | ThinkingRow | PreparingRow)[] {
  const { live, header } = view;
  if (live === null) return [];
  return live.blocks.flatMap(({ id, kind, text }): (AssistantRow | ThinkingRow | PreparingRow)[] => {
    if (kind === "tool_input") return [{ kind: "preparing", id, input: text }];
    if (kind === "text" && text.trim() === "") return [];
    const base = {
      id,
      seq: view.seq + 1,
      at: header?.lastEventAt ?? "",
      turn: header?.turn ?? 0,
      text,
      isStreaming: true,
    };
    return kind === "text"
      ? [{ ...base, kind: "assistant", messageId: live.messageId }]
      : [{ ...base, kind: "thinking" }];
  });
}

function pendingRows(view: TaskView, entries: readonly OutboxEntry[]): PendingRow[] {
  const status = view.header && !isAtRest(view.header.state) ? "steering" : "queued";
  const waiting = view.waiting.map(
    ({ messageId, text, attachments, at }): PendingRow => ({
      kind: "pending",
      id: messageId,
      messageId,
      text,
      attachments,
      at,
      status,
      entryId: null,
      reason: null,
    }),
  );
  const known = new Set(view.waiting.map(({ messageId }) => messageId));
  const unsent = entries.flatMap((entry): PendingRow[] => {
    const { command } = entry;
    if (command.type !== "send_message" || known.has(entry.messageId ?? "")) return [];
    return [
      {
        kind: "pending",
        id: entry.messageId ?? entry.id,
        messageId: entry.messageId ?? entry.id,
        text: command.text,
        attachments: command.attachments ?? [],
        at: entry.createdAt,
        status: entry.status,
        entryId: entry.id,
        reason: entry.reason,
      },
    ];
  });
  return [...waiting, ...unsent];
}
