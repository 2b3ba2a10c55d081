import { betaTool } from "@anthropic-ai/sdk/helpers/beta/json-schema";
import type { BetaRunnableTool } from "@anthropic-ai/sdk/lib/tools/BetaRunnableTool";
import { ToolError } from "@anthropic-ai/sdk/lib/tools/ToolError";
import { ASK_USER_TOOL, QUESTION_OPTIONS_MAX, Question } from "@farhand/protocol";

/** Asks the user, under the id of the tool call. Resolves with the answer, however long it takes; null for none. */
export type AskUser = (questionId: string, question: Question, signal: AbortSignal) => Promise<string | null>;

/** The tool with which the model asks its user. The task waits until somebody answers. */
export function askUserTool(ask: AskUser): BetaRunnableTool {
  return betaTool({
    name: ASK_USER_TOOL,
    description:
      "Ask the user one question and wait for the answer, which may take hours. Use it only for a decision that is the user's and that neither the task nor the repository answers. The result is the user's answer.",
    inputSchema: {
      type: "object",
      properties: {
        question: {
          type: "string",
          description:
            "The question, with what is needed to decide it: the user may read it on a phone, without the work before their eyes",
        },
        options: {
          type: "array",
          items: { type: "string" },
          description: `Up to ${QUESTION_OPTIONS_MAX} short answers to choose from; the user may answer otherwise`,
        },
      },
      required: ["question"],
      additionalProperties: false,
    },
    run: async (input, context) => {
      const parsed = Question.safeParse(input);
      if (!parsed.success || !context)
        throw new ToolError(
          `${ASK_USER_TOOL}: give a question as text, of at most 4000 characters, and at most ${QUESTION_OPTIONS_MAX} options of at most 200 characters each`,
        );
      const signal = context.signal ?? new AbortController().signal;
      const answer = await ask(context.toolUse.id, parsed.data, signal);
      if (answer === null) throw new ToolError("The question was closed without an answer.");
      return answer;
    },
  });
}
