import type { ChatRow } from "@farhand/client/app";
import type { Feel } from "../../../platform/haptics.ts";
import { strings } from "../../../strings/strings.ts";

const { chat: words } = strings;

export interface Announcement {
  text: string;
  feel: Feel;
}

/** What a screen reader says of a row that has come: how a turn ended, and what a person is asked. Tokens never. */
export function announcementOf(row: ChatRow): Announcement | null {
  switch (row.kind) {
    case "turn_end":
      if (row.outcome === "failed")
        return { text: words.announceFailed(row.failure?.message ?? ""), feel: "failed" };
      if (row.outcome === "finished")
        return { text: words.announceFinished(row.title ?? row.summary ?? ""), feel: "done" };
      return { text: words.announceStopped, feel: "done" };
    case "question":
      return row.status === "open" ? { text: words.announceQuestion(row.question), feel: "needs-you" } : null;
    case "approval":
      return row.status === "open" ? { text: words.announceApproval, feel: "needs-you" } : null;
    case "budget":
      return row.status === "open" ? { text: words.announceBudget, feel: "needs-you" } : null;
    default:
      return null;
  }
}

/** The last of what came after `seq` that is worth saying; null where nothing is. */
export function latestAnnouncement(rows: readonly ChatRow[], seq: number): Announcement | null {
  for (let index = rows.length - 1; index >= 0; index--) {
    const row = rows[index];
    if (!row || !("seq" in row)) continue;
    if (row.seq <= seq) return null;
    const found = announcementOf(row);
    if (found) return found;
  }
  return null;
}
