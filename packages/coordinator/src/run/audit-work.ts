import type { EventBody } from "@farhand/protocol";
import type { AuditLog } from "../domain/audit.ts";
import type { EventLog, TaskStore } from "../domain/store.ts";

/** The same log, which also puts into the audit log what goes out to a forge, and what a forge says of it. */
export function auditWork(
  log: EventLog,
  { audit, tasks }: { audit: AuditLog; tasks: Pick<TaskStore, "get"> },
): EventLog {
  return {
    ...log,
    async append(taskId, attempt, bodies) {
      const events = await log.append(taskId, attempt, bodies);
      for (const body of bodies) {
        const detail = detailOf(body);
        if (detail === null) continue;
        const userId = (await tasks.get(taskId))?.userId ?? null;
        await audit.record({ userId, action: body.type, subject: taskId, address: null, detail });
      }
      return events;
    },
  };
}

/** Null for what stays on this machine. */
function detailOf(body: EventBody): string | null {
  switch (body.type) {
    case "branch.published":
      return `${body.branch} at ${body.commit}`;
    case "pull_request.opened":
      return body.url;
    case "pull_request.changed":
      return `${body.url} ${body.state}`;
    default:
      return null;
  }
}
