import { z } from "zod";

/**
 * One item of the model conversation in the Messages API's own form. The content blocks are the API's to
 * define and grow, so they are kept whole and only their `type` is required here.
 * Source: https://docs.claude.com/en/api/messages
 */
export const ContentBlock = z.looseObject({ type: z.string() });
export type ContentBlock = z.infer<typeof ContentBlock>;

export const Message = z.strictObject({
  role: z.enum(["user", "assistant"]),
  content: z.array(ContentBlock),
});
export type Message = z.infer<typeof Message>;

/** Tokens of one or more model calls, in the API's own four kinds. */
export const TokenUsage = z.strictObject({
  inputTokens: z.int().min(0),
  outputTokens: z.int().min(0),
  cacheCreationInputTokens: z.int().min(0),
  cacheReadInputTokens: z.int().min(0),
});
export type TokenUsage = z.infer<typeof TokenUsage>;
