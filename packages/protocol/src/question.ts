import { z } from "zod";

/** The agent's tool that asks the user something and waits for the answer. */
export const ASK_USER_TOOL = "ask_user";

/** Most answers that a question may offer. */
export const QUESTION_OPTIONS_MAX = 6;
const QUESTION_MAX_CHARACTERS = 4000;
const OPTION_MAX_CHARACTERS = 200;
/** Less than a tool's output may have, so that the agent gets an answer whole. */
export const ANSWER_MAX_BYTES = 16 * 1024;

/** The id of the tool call that asks. */
export const QuestionId = z.string().min(1).max(200);

const options = z
  .array(z.string().trim().min(1, "an option is empty").max(OPTION_MAX_CHARACTERS))
  .max(QUESTION_OPTIONS_MAX);

/** What the agent asks: the text, and the answers that it offers. Any other answer is good as well. */
export const Question = z.strictObject({
  question: z.string().trim().min(1, "the question is empty").max(QUESTION_MAX_CHARACTERS),
  options: options.optional(),
});
export type Question = z.infer<typeof Question>;

/** A question that waits for its answer. */
export const OpenQuestion = z.strictObject({ questionId: QuestionId, question: z.string(), options });
export type OpenQuestion = z.infer<typeof OpenQuestion>;

/** `POST /api/tasks/{id}/answer`: answers the open question of that id. The agent gets the text as it stands. */
export const AnswerQuestion = z.strictObject({
  questionId: QuestionId,
  answer: z
    .string()
    .refine((value) => value.trim().length > 0, "the answer is empty")
    .refine(
      (value) => new TextEncoder().encode(value).length <= ANSWER_MAX_BYTES,
      "the answer is longer than 16 KiB: send what is longer as a message",
    ),
});
export type AnswerQuestion = z.infer<typeof AnswerQuestion>;

/** How a question stands, as its worker is told. `closed`: nobody will answer it. */
export const QuestionOutcome = z.discriminatedUnion("status", [
  z.strictObject({ status: z.literal("open") }),
  z.strictObject({ status: z.literal("answered"), answer: z.string() }),
  z.strictObject({ status: z.literal("closed") }),
]);
export type QuestionOutcome = z.infer<typeof QuestionOutcome>;
