/** The Messages API's own kinds of error, as far as the gateway says them itself. */
export type AnthropicErrorType = "authentication_error" | "api_error";

/**
 * An error in the Messages API's form, so that its SDK understands what the gateway says on the model routes.
 * Source: https://docs.claude.com/en/api/errors
 */
export function anthropicError(status: number, type: AnthropicErrorType, message: string): Response {
  return Response.json({ type: "error", error: { type, message } }, { status });
}
