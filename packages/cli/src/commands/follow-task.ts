import { ApiError, type Client } from "@farhand/client";
import type { OpenQuestion } from "@farhand/protocol";
import { CTRL_C, type Keyboard, readKey } from "../terminal/keys.ts";
import { readLine } from "../terminal/line-input.ts";
import { answerPrompt, meantAnswer } from "../terminal/question-text.ts";
import type { TaskView } from "../terminal/task-view.ts";
import { isAtRest } from "../terminal/transcript.ts";
import { onStopSignal } from "./interrupts.ts";

/** How watching ended: the task came to rest, or the user left while it goes on. */
export type Ending = "at-rest" | "left";

const QUESTION = "[s]top the turn and keep its work, [w]atch no more (it goes on), [c]ontinue";
const CHOICES = ["s", "w", "c"];

/**
 * Shows a task until it comes to rest. What the agent asks can be answered on the spot. Ctrl-C asks what is meant, where somebody can be asked, and otherwise ends
 * the watching; a second one ends it always. The turn itself is only stopped when that is chosen.
 */
export async function followTask(options: {
  client: Client;
  taskId: string;
  view: TaskView;
  /** Null where nobody can be asked. */
  keyboard: Keyboard | null;
  /** Show the log after this seq. */
  after: number;
  /** From this seq on the task may be at rest; rests before it are history. */
  restFrom: number;
}): Promise<Ending> {
  const { client, taskId, view, keyboard, after, restFrom } = options;
  const watching = new AbortController();
  let isAsking = false;
  /** The agent's question that somebody is asked just now. */
  let answering: { questionId: string; stop: AbortController } | null = null;
  /** Those that were left open on purpose. */
  const left = new Set<string>();

  async function ask(keys: Keyboard): Promise<void> {
    isAsking = true;
    view.ask(QUESTION);
    const key = await readKey(keys, CHOICES, watching.signal);
    isAsking = false;
    view.ask(null);
    if (key === "w" || key === CTRL_C) watching.abort();
    if (key === "s") await stop();
    offer();
  }

  /** Asks for an answer where one is due, and no more where it is not. */
  function offer(): void {
    const { question } = view.transcript;
    if (answering && answering.questionId !== question?.questionId) answering.stop.abort();
    if (!keyboard || !question || answering || isAsking || left.has(question.questionId)) return;
    if (!watching.signal.aborted) void answer(keyboard, question);
  }

  async function answer(keys: Keyboard, question: OpenQuestion): Promise<void> {
    const { questionId } = question;
    const stop = new AbortController();
    answering = { questionId, stop };
    const signal = AbortSignal.any([watching.signal, stop.signal]);
    const onText = (text: string) => view.ask(answerPrompt(question, text));
    const typed = await readLine(keys, { onText, signal });
    view.ask(null);
    answering = null;
    if (typed.end === "interrupt") return ask(keys);
    if (typed.end === "escape") left.add(questionId);
    if (typed.end === "line") {
      left.add(questionId);
      await send({ questionId, answer: meantAnswer(question, typed.text) });
    }
    // Another may have been asked meanwhile.
    offer();
  }

  async function send(given: { questionId: string; answer: string }): Promise<void> {
    try {
      await client.answer(taskId, given, watching.signal);
    } catch (error) {
      if (watching.signal.aborted) return;
      // Somebody was quicker: the log tells what was answered.
      if (error instanceof ApiError && error.code === "conflict") return;
      left.delete(given.questionId);
      view.warn(`The answer was not taken: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async function stop(): Promise<void> {
    try {
      await client.stop(taskId, watching.signal);
    } catch (error) {
      if (watching.signal.aborted) return;
      // A turn that has ended meanwhile cannot be stopped: the log tells how it ended.
      if (error instanceof ApiError && error.code === "conflict") return;
      view.warn(`The turn could not be stopped: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  using _signals = onStopSignal((signal) => {
    if (signal !== "SIGINT" || keyboard === null || isAsking || answering) watching.abort();
    else void ask(keyboard);
  });
  try {
    for await (const item of client.follow(taskId, { after, signal: watching.signal })) {
      view.show(item);
      offer();
      if (item.type === "event" && item.event.seq >= restFrom && isAtRest(view.transcript.state))
        return "at-rest";
    }
    return "left";
  } finally {
    watching.abort();
  }
}
