import type { Question, QuestionOutcome, WorkerEvent } from "@farhand/protocol";
import type { AskUser } from "./ask-user-tool.ts";
import type { Sleep } from "./backoff.ts";
import { untilAnswered } from "./until-answered.ts";

export interface QuestionsOptions {
  report(event: WorkerEvent): void;
  /** How the question stands; held open while nobody has answered. */
  outcome(questionId: string, signal: AbortSignal): Promise<QuestionOutcome>;
  sleep: Sleep;
  random: () => number;
}

/** Asks the user by way of the log, and waits for the answer while the gateway comes and goes. */
export function askByLog({ report, outcome, ...waiting }: QuestionsOptions): AskUser {
  return async (questionId: string, question: Question, signal: AbortSignal) => {
    report({ type: "question.asked", questionId, ...question });
    for (;;) {
      const now = await untilAnswered(() => outcome(questionId, signal), waiting, signal);
      if (now.status !== "open") return now.status === "answered" ? now.answer : null;
    }
  };
}
