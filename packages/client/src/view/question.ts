import type { EventBody } from "@farhand/protocol";

/** Events that the agent's questions are told by. They are read by these names, whatever else they hold. */
export type QuestionBody =
  | { type: "question.asked"; questionId: string; question: string; options?: readonly unknown[] | null }
  | { type: "question.answered"; questionId: string; answer: string }
  | { type: "question.closed"; questionId: string };

export type ReadBody = EventBody | QuestionBody;

/** An option is its text, or has it as its label. */
export function optionTexts(options: readonly unknown[] | null | undefined): string[] {
  if (!Array.isArray(options)) return [];
  return options.flatMap((option: unknown) => {
    if (typeof option === "string") return [option];
    const label = typeof option === "object" && option !== null && "label" in option ? option.label : null;
    return typeof label === "string" ? [label] : [];
  });
}
