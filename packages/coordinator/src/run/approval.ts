import type { EventLog, TaskRecord } from "../domain/store.ts";

const PAGE = 500;

/** The commit that a person has let pass since the current turn began, or null. */
export async function approvedCommit(
  log: Pick<EventLog, "readBefore">,
  task: Pick<TaskRecord, "id" | "lastSeq">,
): Promise<string | null> {
  // Where there is one, it stands near the end: publishing follows it.
  let before = task.lastSeq + 1;
  for (;;) {
    const { events } = await log.readBefore(task.id, before, PAGE);
    for (const { body } of events.toReversed()) {
      if (body.type === "approval.given") return body.commit;
      if (body.type === "turn.started") return null;
    }
    const first = events[0];
    if (first === undefined || first.seq <= 1) return null;
    before = first.seq;
  }
}
