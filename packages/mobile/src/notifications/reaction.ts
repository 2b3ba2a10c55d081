import type { Command } from "@farhand/client/app";
import type { PushNotification } from "@farhand/protocol";
import { DENIED } from "@farhand/protocol/constants";

/** What follows from a tap on a notification or on one of its buttons. */
export type Reaction =
  | { type: "open"; path: string }
  /** For the outbox; then the card, which says what became of it. */
  | { type: "ask"; command: Command; path: string }
  | { type: "nothing" };

/** A tap leads nowhere else: what is pushed comes from outside. */
export const isPlace = (path: unknown): path is string =>
  typeof path === "string" && /^\/(task\/[\w?=&%.-]+|settings\/notifications)$/.test(path);

/**
 * @param actionId of the button, as the server named it; null for a tap on the notification itself
 * @param text what was typed with it
 */
export function reactionOf(pushed: unknown, actionId: string | null, text: string | null): Reaction {
  const { version, path, taskId, actions } = (pushed ?? {}) as Partial<PushNotification>;
  if (version !== 1 || !isPlace(path)) return { type: "nothing" };
  const action = actionId === null ? undefined : actions?.find(({ id }) => id === actionId);
  if (!action) return { type: "open", path };
  const command = taskId ? commandOf(taskId, action.request, text?.trim() ?? "") : null;
  return command ? { type: "ask", command, path } : { type: "open", path };
}

/** Null where the app has no such command, or where nothing was typed: the card is the place for it. */
function commandOf(
  taskId: string,
  { path, body }: NonNullable<PushNotification["actions"][number]["request"]>,
  text: string,
): Command | null {
  const { kind, questionId, answer = text, text: said, commit } = body ?? {};
  switch (path) {
    case `/api/tasks/${taskId}/approve`:
      return kind === "workflows" ? { type: "approve", taskId, kind, ...(commit ? { commit } : {}) } : null;
    case `/api/tasks/${taskId}/messages`:
      // What is pushed comes from outside: in a person's name it says only what the card would.
      return said === DENIED.workflows ? { type: "send_message", taskId, text: said } : null;
    case `/api/tasks/${taskId}/answer`:
      return questionId && answer ? { type: "answer", taskId, questionId, answer } : null;
    case `/api/tasks/${taskId}/stop`:
      return { type: "stop", taskId };
    default:
      return null;
  }
}
