import type { QuestionOutcome } from "@farhand/protocol";
import type { EventLog, TaskRecord, TaskStore } from "../domain/store.ts";
import type { Shortage } from "./capacity.ts";

/** How a question stands; waits while it is open, until `signal` aborts. */
export async function waitForAnswer(
  { tasks, log }: { tasks: Pick<TaskStore, "question">; log: Pick<EventLog, "follow"> },
  taskId: string,
  questionId: string,
  signal: AbortSignal,
): Promise<QuestionOutcome> {
  const { promise, resolve } = Promise.withResolvers<void>();
  // Listening starts before the look, so that nothing can slip in between.
  const unfollow = log.follow(taskId, ({ body }) => {
    const isEnd = body.type === "question.answered" || body.type === "question.closed";
    if (isEnd && body.questionId === questionId) resolve();
  });
  const onAbort = () => resolve();
  signal.addEventListener("abort", onAbort, { once: true });
  const look = async (): Promise<QuestionOutcome> => {
    const question = await tasks.question(taskId, questionId);
    switch (question?.status) {
      case "answered":
        return { status: "answered", answer: question.answer ?? "" };
      case "closed":
        return { status: "closed" };
      default:
        return { status: "open" };
    }
  };
  try {
    const now = await look();
    if (now.status !== "open" || signal.aborted) return now;
    await promise;
    return await look();
  } finally {
    unfollow();
    signal.removeEventListener("abort", onAbort);
  }
}

/** Why the turn of a task whose sandbox is gone gets none: nobody has answered its question yet. */
export function unanswered(task: Pick<TaskRecord, "question">): Shortage {
  if (task.question === null) return null;
  return { code: "answer_needed", message: `The agent waits for an answer: ${task.question.question}` };
}
