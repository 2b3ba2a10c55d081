import type { ChatRow } from "@farhand/client/app";

/** What the server's notifications name a card by: a question by its id, and the others by their kind, the newest of each. */
export function cardIndex(rows: readonly ChatRow[], card: string): number {
  return rows.findLastIndex((row) => {
    switch (row.kind) {
      case "question":
        return row.questionId === card;
      case "approval":
      case "budget":
        return row.kind === card;
      default:
        return false;
    }
  });
}
