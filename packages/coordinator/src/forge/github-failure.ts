import { z } from "zod";
import { failure } from "../domain/failure.ts";

/** An answer that Octokit made an error of. A `status` of 500 without a `response` means that none came. */
const Refusal = z.object({
  status: z.int(),
  response: z.object({
    data: z
      .object({
        message: z.string().catch(""),
        errors: z
          .array(
            z.union([
              z.string(),
              z.object({
                message: z.string().optional(),
                code: z.string().optional(),
                field: z.string().optional(),
              }),
            ]),
          )
          .catch([]),
      })
      .catch({ message: "", errors: [] }),
  }),
});
type Refusal = z.infer<typeof Refusal>;

const SENTENCE_MAX = 500;

/** Whether the service was out for a moment, or no answer came at all. */
export function isWorthRetrying(error: unknown): boolean {
  const refusal = Refusal.safeParse(error);
  return refusal.success ? [502, 503, 504].includes(refusal.data.status) : isNetworkError(error);
}

/** Whether GitHub refused a pull request because there is one. */
export function saysItExists(error: unknown): boolean {
  const refusal = Refusal.safeParse(error);
  return refusal.success && refusal.data.status === 422 && /already exists/i.test(sentenceOf(refusal.data));
}

/**
 * `pull_request_failed` with GitHub's own sentence. What is no answer of GitHub's and no trouble of the network
 * is given back as it is: a bug.
 * @param token never to be part of a sentence.
 */
export function githubFailure(error: unknown, token: string): unknown {
  const parsed = Refusal.safeParse(error);
  if (parsed.success) {
    const { status } = parsed.data;
    const sentence = sentenceOf(parsed.data).replaceAll(token, "[redacted]").slice(0, SENTENCE_MAX);
    return failure(
      "pull_request_failed",
      `GitHub did not open the pull request: ${sentence || `status ${status}`}`,
      actionFor(status),
      { retryable: status >= 500 || status === 429 },
    );
  }
  if (!isNetworkError(error)) return error;
  return failure(
    "pull_request_failed",
    "GitHub cannot be reached, so there is no pull request yet. The branch is there.",
    "Try again later, or open the pull request from the branch by hand.",
    { retryable: true },
  );
}

function actionFor(status: number): string {
  switch (status) {
    case 401:
      return "Enter a valid token with `farhand keys add github`, or set FARHAND_GITHUB_TOKEN on the server where that was used.";
    case 403:
      return "Use a token that may write pull requests of this repository.";
    case 404:
      return "Check that the repository exists and that the token may see it.";
    case 422:
      return "Look at the branch on GitHub; its sentence names what is wrong.";
    default:
      return "Try again later, or open the pull request from the branch by hand.";
  }
}

function sentenceOf({ response: { data } }: Refusal): string {
  const details = data.errors.map((error) => {
    if (typeof error === "string") return error;
    return error.message ?? [error.field, error.code].filter((part) => part !== undefined).join(" ");
  });
  return [data.message, ...details].filter((part) => part !== "").join(": ");
}

/** Octokit gives status 500 to a call whose answer never came; a time limit ends as an AbortError. */
function isNetworkError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === "AbortError" || error.name === "TimeoutError") return true;
  return "status" in error && error.status === 500 && "request" in error;
}
