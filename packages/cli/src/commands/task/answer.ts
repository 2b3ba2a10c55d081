import { AnswerQuestion, type OpenQuestion } from "@farhand/protocol";
import { readLine } from "../../terminal/line-input.ts";
import { MARGIN } from "../../terminal/page.ts";
import { answerPrompt, meantAnswer, questionText } from "../../terminal/question-text.ts";
import { safeText } from "../../terminal/safe-text.ts";
import type { Terminal } from "../../terminal/terminal.ts";
import { checked } from "../checked.ts";
import type { CommandContext } from "../context.ts";
import { InterruptedError } from "../interrupts.ts";
import { textArgument } from "../text-argument.ts";
import { UsageError } from "../usage-error.ts";
import { change } from "./change.ts";

/** Answers what the agent has asked; without a text, asks for it on the terminal. @returns the exit code */
export async function answer(
  context: CommandContext,
  terminal: Terminal,
  options: { task: string; text: string | null; watch: boolean },
): Promise<number> {
  const given = options.text === null ? null : await textArgument(options.text, context);
  return change(
    context,
    terminal,
    {
      ask: async (client, taskId) => {
        const { question } = await client.getTask(taskId);
        if (question === null)
          throw new UsageError(
            "The agent has asked nothing.",
            `Write to it with: farhand send ${taskId} TEXT`,
          );
        const typed = given ?? (await typedAnswer(context, terminal, question));
        const body = { questionId: question.questionId, answer: meantAnswer(question, typed) };
        return client.answer(taskId, checked(AnswerQuestion, body, "answer"));
      },
      said: () => "Answered. The agent goes on.",
    },
    options,
  );
}

async function typedAnswer(
  { stdin }: CommandContext,
  { screen, isLive, colors }: Terminal,
  question: OpenQuestion,
): Promise<string> {
  const lines = safeText(questionText(question)).split("\n");
  screen.print(lines.map((line) => `${MARGIN}${colors.bold(line)}`));
  if (!isLive || stdin.isTTY !== true)
    throw new UsageError(
      "Nobody can be asked here.",
      "Give the answer as the second argument, or - for standard input.",
    );
  let text = "";
  screen.setLive(() => [`${MARGIN}${colors.yellow("?")} ${answerPrompt(question, text)}`]);
  try {
    const onText = (typed: string) => {
      text = typed;
    };
    const typed = await readLine(stdin, { onText, signal: new AbortController().signal });
    if (typed.end !== "line") throw new InterruptedError();
    return typed.text;
  } finally {
    screen.setLive(null);
  }
}
