import type { TaskView } from "../view/task-view.ts";
import type { OutboxEntry } from "./entry.ts";

/**
 * Whether the log shows that the server has done it, though its answer was lost.
 * @param afterSeq rows of earlier events were looked at before
 */
export function isInLog({ command, messageId }: OutboxEntry, view: TaskView, afterSeq: number): boolean {
  switch (command.type) {
    case "send_message":
      return (
        view.waiting.some((message) => message.messageId === messageId) ||
        hasRow(view, afterSeq, (row) => row.kind === "user" && row.messageId === messageId)
      );
    case "answer":
      // Cards change after their event, so all are looked at.
      return hasRow(
        view,
        0,
        (row) =>
          row.kind === "question" && row.questionId === command.questionId && row.answer === command.answer,
      );
    case "archive":
      return view.header?.state === "archived";
    default:
      return false;
  }
}

function hasRow(
  view: TaskView,
  afterSeq: number,
  isIt: (row: NonNullable<ReturnType<TaskView["rows"]["get"]>>) => boolean,
): boolean {
  for (let place = view.rows.length - 1; place >= 0; place--) {
    const row = view.rows.get(place);
    if (!row || row.seq <= afterSeq) return false;
    if (isIt(row)) return true;
  }
  return false;
}
