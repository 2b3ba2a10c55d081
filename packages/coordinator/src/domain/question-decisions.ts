/** What follows when the agent asks and people answer. Pure: facts in, events out; a refusal is thrown as `FarhandError`. */
import type { EventBody } from "@farhand/protocol";
import type { OpenTool } from "./conversation.ts";
import { conflict, moved } from "./move.ts";
import type { TaskFacts } from "./store.ts";

/** Told to the model in place of an answer. */
const UNANSWERED = "not answered: the user ended the turn without an answer.";

type Facts = Pick<TaskFacts, "task" | "questions" | "openTools">;

/**
 * Takes an answer. A worker that waits for it is told and goes on; where its sandbox is gone, the answer becomes the
 * result of the call that asked, and the next sandbox goes on from there. The same answer again changes nothing.
 */
export function answerQuestion(
  { task, questions, openTools }: Facts,
  { questionId, answer, answerId }: { questionId: string; answer: string; answerId: string },
): EventBody[] {
  const question = questions.find((candidate) => candidate.questionId === questionId);
  if (question?.answerId === answerId) return [];
  if (question?.status === "answered")
    throw conflict(
      "The question was answered already.",
      "Look at the task again; what else the agent should know can be sent as a message.",
    );
  if (question?.status !== "open")
    throw conflict(
      "The question is not open: its turn has ended, or it was never asked.",
      "Look at the task again; a message goes on with it.",
    );
  const tool = task.state === "queued" ? openTools.find(({ id }) => id === questionId) : undefined;
  // A limit that is used up is not raised by an answer.
  const goesOn = task.budgetReached === null ? moved(task, "answered") : null;
  return [
    { type: "question.answered", questionId, answer, answerId },
    ...(tool ? [answerResult(tool, answer)] : []),
    ...(goesOn ? [goesOn] : []),
  ];
}

/** The result of the call that asked, for a worker that is not there to report it. */
export function answerResult({ id, name }: OpenTool, answer: string): EventBody {
  return { type: "tool.finished", toolUseId: id, name, isError: false, content: answer, durationMs: 0 };
}

/** Nobody is to answer any more what the turn has asked. */
export function closeQuestions({ questions, openTools }: Omit<Facts, "task">): EventBody[] {
  return questions
    .filter(({ status }) => status === "open")
    .flatMap(({ questionId }): EventBody[] => {
      const tool = openTools.find(({ id }) => id === questionId);
      const closed: EventBody = { type: "question.closed", questionId };
      return tool ? [{ ...answerResult(tool, UNANSWERED), isError: true } as EventBody, closed] : [closed];
    });
}
