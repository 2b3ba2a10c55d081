import type { EgressRule } from "@farhand/protocol";
import { decideEgress, type EgressStore, type EgressTarget } from "../domain/egress.ts";
import type { EventLog, TaskStore } from "../domain/store.ts";

/** Hosts of one turn that the user is told of. A hostile repository could name any number. */
const MOST_REFUSALS = 50;

/** The coordinator's side of the gateway's way out: what a task may reach, and who hears of a refusal. */
export function createEgressCalls(deps: { tasks: TaskStore; egress: EgressStore; log: EventLog }) {
  async function taskOf(taskId: string) {
    const task = await deps.tasks.get(taskId);
    if (!task) throw new Error(`task ${taskId} is not in the database`);
    return task;
  }

  return {
    async egress({ taskId }: { taskId: string }) {
      const { userId, repository, turn } = await taskOf(taskId);
      const policy = await deps.egress.policy(userId, repository);
      return {
        mode: policy.mode,
        turn,
        decide: (target: EgressTarget) => decideEgress(policy, target),
      };
    },

    async egressRefused(
      { taskId, attempt }: { taskId: string; attempt: number },
      { host, port, rule }: { host: string; port: number; rule: EgressRule },
    ) {
      const { turn } = await taskOf(taskId);
      if (!(await deps.egress.noteRefusal({ taskId, turn, host }, MOST_REFUSALS))) return;
      await deps.log.append(taskId, attempt, [{ type: "egress.refused", host, port, rule }]);
    },
  };
}
