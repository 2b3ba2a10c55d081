/** A notification's words and what can be done from it. Pure. */
import { DENIED, type NotificationAction, type PushNotification } from "@farhand/protocol";
import { describeUse } from "./budget.ts";
import type { Delivery } from "./notification.ts";
import type { TaskRecord } from "./store.ts";

const NAME_CHARACTERS = 60;
const BODY_CHARACTERS = 1000;
const ACTION_CHARACTERS = 40;
/** Options that fit beside the free reply. */
const OPTIONS = 2;

/** @param scrub cuts secrets that are known out of a text: what an agent says may hold one */
export function compose(
  delivery: Pick<Delivery, "id" | "kind" | "reason" | "createdMs">,
  task: TaskRecord,
  scrub: (text: string) => string,
): PushNotification {
  const { kind, reason } = delivery;
  const { head, body, card, actions } = contentOf(delivery, task);
  const place = `task/${task.id}${card === null ? "" : `?card=${encodeURIComponent(card)}`}`;
  return {
    version: 1,
    id: delivery.id,
    kind,
    reason,
    taskId: task.id,
    title: `${head} · ${shortened(plain(scrub(task.title ?? task.prompt)).replace(/\s+/g, " "), NAME_CHARACTERS)}`,
    body: shortened(plain(scrub(body)), BODY_CHARACTERS),
    tag: task.id,
    path: `/${place}`,
    deepLink: `farhand://${place}`,
    actions: actions.map((action) => ({
      ...action,
      title: shortened(plain(scrub(action.title)), ACTION_CHARACTERS),
    })),
    at: new Date(delivery.createdMs).toISOString(),
  };
}

/** What a user sends to their own device. */
export function testNotification(id: string, now: Date): PushNotification {
  return {
    version: 1,
    id,
    kind: "test",
    reason: null,
    taskId: null,
    title: "Farhand",
    body: "Notifications arrive here.",
    tag: "test",
    path: "/settings/notifications",
    deepLink: "farhand://settings/notifications",
    actions: [],
    at: now.toISOString(),
  };
}

interface Content {
  head: string;
  body: string;
  /** The card that a tap lands on. */
  card: string | null;
  actions: NotificationAction[];
}

function contentOf({ kind, reason }: Pick<Delivery, "kind" | "reason">, task: TaskRecord): Content {
  switch (kind) {
    case "finished":
      return { head: "Finished", body: task.summary ?? "The turn has ended.", card: null, actions: [] };
    case "failed": {
      const body = task.failure ? `${task.failure.message} ${task.failure.action}` : "The turn has failed.";
      return { head: "Failed", body, card: null, actions: [] };
    }
    case "needs-you":
      switch (reason) {
        case "question":
          return question(task);
        case "budget":
          return budget(task);
        default:
          return approval(task);
      }
  }
}

function question(task: TaskRecord): Content {
  const {
    questionId,
    question: text,
    options,
  } = task.question ?? { questionId: "", question: "", options: [] };
  const path = `/api/tasks/${task.id}/answer`;
  const reply = (id: string, title: string, body: Record<string, string>, input: string | null) => ({
    ...{ id, kind: "reply" as const, title, input },
    request: { method: "POST" as const, path, body: { questionId, ...body } },
  });
  return {
    head: "Question",
    body: [text, ...options.map((option, index) => `${index + 1}. ${option}`)].join("\n"),
    card: questionId,
    actions: [
      reply("reply", "Reply", {}, "answer"),
      ...options
        .slice(0, OPTIONS)
        .map((option, index) => reply(`option-${index + 1}`, option, { answer: option }, null)),
    ],
  };
}

/** How much more may be spent is for the user to say, in the app. */
function budget(task: TaskRecord): Content {
  const used = task.budgetReached
    ? `The budget is used up: ${describeUse(task.budgetReached)}.`
    : (task.delayedBy?.message ?? "The budget is used up.");
  return {
    head: "Budget used up",
    body: `${used} The agent waits until the limit is raised, or the turn is stopped.`,
    card: "budget",
    actions: [
      {
        id: "stop",
        kind: "stop",
        title: "Stop the turn",
        request: { method: "POST", path: `/api/tasks/${task.id}/stop`, body: null },
        input: null,
      },
    ],
  };
}

/** Not now is to put the notification away; denying asks the agent for the work without what was held back, as the card does. */
function approval(task: TaskRecord): Content {
  const kind = "workflows";
  // What comes after it is not what the notification tells of: an approval that comes late is not meant for that.
  const commit = task.failure?.commit;
  return {
    head: "Approval needed",
    body: task.failure?.message ?? "The work waits to be looked at before it is published.",
    card: "approval",
    actions: [
      {
        id: "allow",
        kind: "allow",
        title: "Allow once",
        request: {
          method: "POST",
          path: `/api/tasks/${task.id}/approve`,
          body: { kind, ...(commit ? { commit } : {}) },
        },
        input: null,
      },
      {
        id: "deny",
        kind: "deny",
        title: "Deny",
        request: { method: "POST", path: `/api/tasks/${task.id}/messages`, body: { text: DENIED[kind] } },
        input: null,
      },
    ],
  };
}

/** The notification with as much of its body as fits into so many bytes in the form that it is sent in. */
export function fitted<T>(
  notification: PushNotification,
  maxBytes: number,
  form: (notification: PushNotification) => T,
): T {
  let { body } = notification;
  for (;;) {
    const whole = form({ ...notification, body });
    if (Buffer.byteLength(JSON.stringify(whole)) <= maxBytes || body.length < 2) return whole;
    body = shortened(body, Math.floor([...body].length * 0.8));
  }
}

/** Without what no notification shows, and what would take six bytes for one character. */
function plain(text: string): string {
  return text
    .toWellFormed()
    .replace(/(?!\n)[\p{Cc}\p{Bidi_Control}]/gu, " ")
    .trim();
}

function shortened(text: string, most: number): string {
  const characters = [...text];
  if (characters.length <= most) return text;
  return `${characters
    .slice(0, Math.max(0, most - 1))
    .join("")
    .trimEnd()}…`;
}
