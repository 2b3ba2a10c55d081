import type { Delta, Problem, ServerFrame, Task, TaskEvent } from "@farhand/protocol";
import { understood } from "../light-answers.ts";

/**
 * A frame of the coordinator, looked at as far as it is relied on; null for one that is of no use to this version. An
 * event of an unknown type is of use: it is shown as such.
 */
export function readFrame(data: unknown): ServerFrame | null {
  let json: unknown;
  try {
    json = JSON.parse(String(data));
  } catch {
    return null;
  }
  if (typeof json !== "object" || json === null) return null;
  const frame = json as Record<string, unknown>;
  switch (frame.type) {
    case "welcome":
      return { type: "welcome", protocol: Number(frame.protocol) };
    case "subscribed": {
      const { taskId, status, lastSeq } = frame;
      if (typeof taskId !== "string" || typeof lastSeq !== "number") return null;
      return { type: "subscribed", taskId, status: status === "gap" ? "gap" : "ok", lastSeq };
    }
    case "event": {
      const event = understood<TaskEvent>("TaskEvent", frame.event);
      return event.ok ? { type: "event", event: event.data } : null;
    }
    case "events": {
      const events = (Array.isArray(frame.events) ? frame.events : []).flatMap((given) => {
        const event = understood<TaskEvent>("TaskEvent", given);
        return event.ok ? [event.data] : [];
      });
      return events.length > 0 ? { type: "events", events } : null;
    }
    case "delta": {
      const delta = understood<Delta>("Delta", frame.delta);
      if (!delta.ok || typeof frame.taskId !== "string") return null;
      const whole = frame.isWhole === true ? { isWhole: true as const } : {};
      return { type: "delta", taskId: frame.taskId, delta: delta.data, ...whole };
    }
    case "task": {
      const task = understood<Task>("Task", frame.task);
      return task.ok ? { type: "task", task: task.data } : null;
    }
    case "error": {
      const problem = understood<Problem>("Problem", frame.problem);
      return problem.ok ? { type: "error", problem: problem.data } : null;
    }
    case "subscribed_tasks":
    case "heartbeat":
    case "pong":
      return { type: frame.type };
    default:
      return null;
  }
}
