import { ApiError } from "./api-error.ts";
import type { Speech } from "./scenario.ts";

/**
 * What every request meets while the API is out: 529, 429 with a short `retry-after`, a stream that breaks in the
 * middle, or a connection that is closed before any byte.
 */
export type OutageKind = "overloaded" | "rate_limited" | "cut" | "down";

/** What a stream says before it breaks. Longer than the events that are let through. */
export const CUT_SPEECH: Speech = {
  text: "This answer breaks off in the middle, before it has said anything that could be used.",
};
export const CUT_AFTER_EVENTS = 5;

/** The refusal of a whole API; null for kinds that do not answer. */
export function outageRefusal(kind: OutageKind): ApiError | null {
  switch (kind) {
    case "overloaded":
      return new ApiError("overloaded_error", "Overloaded");
    case "rate_limited":
      return new ApiError(
        "rate_limit_error",
        "This request would exceed your organization's rate limit. Please try again later.",
        { "retry-after": "1" },
      );
    default:
      return null;
  }
}
