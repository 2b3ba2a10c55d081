import type { Question, QuestionOutcome, WorkerEvent } from "@farhand/protocol";
import type { AskUser } from "./ask-user-tool.ts";
import { type BackoffSettings, backoffMs, type Sleep } from "./backoff.ts";
import { GatewayAway } from "./gateway-client.ts";

const BACKOFF: BackoffSettings = { baseMs: 100, capMs: 5_000 };

export interface QuestionsOptions {
  report(event: WorkerEvent): void;
  /** How the question stands; held open while nobody has answered. */
  outcome(questionId: string, signal: AbortSignal): Promise<QuestionOutcome>;
  sleep: Sleep;
  random: () => number;
}

/** Asks the user by way of the log, and waits for the answer while the gateway comes and goes. */
export function askByLog({ report, outcome, sleep, random }: QuestionsOptions): AskUser {
  return async (questionId: string, question: Question, signal: AbortSignal) => {
    report({ type: "question.asked", questionId, ...question });
    for (let retries = 0; ; ) {
      try {
        const now = await outcome(questionId, signal);
        if (now.status !== "open") return now.status === "answered" ? now.answer : null;
        retries = 0;
      } catch (error) {
        if (!(error instanceof GatewayAway)) throw error;
        await sleep(backoffMs(retries++, BACKOFF, random), signal);
      }
    }
  };
}
