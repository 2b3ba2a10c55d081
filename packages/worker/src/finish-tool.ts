import { betaTool } from "@anthropic-ai/sdk/helpers/beta/json-schema";
import type { BetaRunnableTool } from "@anthropic-ai/sdk/lib/tools/BetaRunnableTool";
import { ToolError } from "@anthropic-ai/sdk/lib/tools/ToolError";
import { FINISH_TOOL, FinishInput, type Outcome, toTitle } from "./outcome.ts";

/** The tool with which the model ends its turn. Its input becomes the pull request's title and text. */
export function finishTool(onFinish: (outcome: Outcome) => void): BetaRunnableTool {
  return betaTool({
    name: FINISH_TOOL,
    description:
      "End the turn. Call it once, when the work is done or cannot go on, alone and after everything else. The title and the summary become those of the pull request.",
    inputSchema: {
      type: "object",
      properties: {
        title: { type: "string", description: "What was done, in one line of at most 72 characters" },
        summary: {
          type: "string",
          description: "In Markdown: what changed and why, how it was tested, and what is left open",
        },
      },
      required: ["title", "summary"],
      additionalProperties: false,
    },
    run: (input) => {
      const parsed = FinishInput.safeParse(input);
      if (!parsed.success)
        throw new ToolError("finish: give a title and a summary, both as text that is not empty");
      onFinish({ title: toTitle(parsed.data.title), summary: parsed.data.summary });
      return "The turn ends here.";
    },
  });
}
