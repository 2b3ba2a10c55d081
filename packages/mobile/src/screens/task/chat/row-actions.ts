import { type ChatRow, isAtRest, type TaskView } from "@farhand/client/app";

export interface RowActions {
  /** What copying and sharing take; null where there is nothing. */
  text: string | null;
  canRetry: boolean;
  /** The turn to go back to the end of; null where the row is no such place. */
  rollBackTo: number | null;
  forkFrom: number | null;
}

const NONE: RowActions = { text: null, canRetry: false, rollBackTo: null, forkFrom: null };

/** Whether there is anything to do with such a row, however the task stands. */
export function hasMenu(row: ChatRow): boolean {
  switch (row.kind) {
    case "user":
    case "turn_end":
      return true;
    case "assistant":
    case "thinking":
      return !row.isStreaming && row.text.trim() !== "";
    default:
      return false;
  }
}

/** What can be done with a row, as the task stands. */
export function actionsOfRow(view: TaskView, row: ChatRow): RowActions {
  const { header } = view;
  const state = header?.state;
  // Only what has ended can be gone back to, and only while nothing runs.
  const atRest = state !== undefined && isAtRest(state) && state !== "archived" && !header?.isRemoved;
  switch (row.kind) {
    case "user": {
      const before = row.role === "opening" && row.turn > 0 ? row.turn - 1 : null;
      return { ...NONE, text: row.text, rollBackTo: atRest ? before : null, forkFrom: before };
    }
    case "assistant":
    case "thinking":
      return { ...NONE, text: row.text };
    case "turn_end": {
      const isLast = row.turn === header?.turn;
      const canRollBack = atRest && row.checkpoint !== null && !isLast;
      return {
        text: [row.title, row.summary, row.failure?.message].filter(Boolean).join("\n\n") || null,
        canRetry: isLast && state === "failed" && row.outcome === "failed",
        rollBackTo: canRollBack ? row.turn : null,
        forkFrom: row.turn,
      };
    }
    default:
      return NONE;
  }
}
