import type { EventBody } from "@farhand/protocol";
import type { AuditLog } from "../domain/audit.ts";
import type { EventLog, TaskStore } from "../domain/store.ts";

/**
 * The same log, which also puts into the audit log what goes out to a forge, and what a forge says of it. The server
 * itself sends it, so what is given as its address is the one from which its person has last done something to the task.
 */
export function auditWork(
  log: EventLog,
  { audit, tasks }: { audit: AuditLog; tasks: Pick<TaskStore, "get"> },
): EventLog {
  return {
    ...log,
    async append(taskId, attempt, bodies) {
      const events = await log.append(taskId, attempt, bodies);
      for (const body of bodies) {
        const told = toldOf(body);
        if (told === null) continue;
        const task = await tasks.get(taskId);
        const userId = task?.userId ?? null;
        const address = userId !== null && told.isOurs ? await audit.lastAddress(userId, taskId) : null;
        const detail = told.isOurs && task ? `${told.detail} in ${task.repository}` : told.detail;
        await audit.record({ userId, action: body.type, subject: taskId, address, detail });
      }
      return events;
    },
  };
}

/** Null for what stays on this machine. What a forge says is not ours, and comes from no address of the person's. */
function toldOf(body: EventBody): { detail: string; isOurs: boolean } | null {
  switch (body.type) {
    case "branch.published":
      return { detail: `${body.branch} at ${body.commit}`, isOurs: true };
    case "pull_request.opened":
      return { detail: body.url, isOurs: true };
    case "pull_request.changed":
      return { detail: `${body.url} ${body.state}`, isOurs: false };
    default:
      return null;
  }
}
