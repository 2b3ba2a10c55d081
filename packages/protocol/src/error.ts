import { z } from "zod";
import { CommitId } from "./scalars.ts";

/**
 * Every error that Farhand tells anyone. The code is stable: scripts may match on it. What it means over
 * HTTP is the coordinator's to decide (one map); what a person can do about it travels as `action`.
 */
export const ErrorCode = z.enum([
  // The request
  "invalid_request",
  "unauthorized",
  "not_found",
  "method_not_allowed",
  "conflict",
  "idempotency_conflict",
  "removed",
  "payload_too_large",
  "attachment_unknown",
  "rate_limited",
  "origin_refused",
  "owner_only",
  "unsupported_protocol",
  "not_ready",
  "internal",
  // Keys and money
  "key_refused",
  "key_unreachable",
  "address_refused",
  "budget_reached",
  "answer_needed",
  // The repository and the forge
  "repository_not_found",
  "repository_empty",
  "repository_needs_credential",
  "repository_unreachable",
  "repository_url_has_credential",
  "branch_not_found",
  "branch_exists",
  "push_refused",
  "approval_needed",
  "pull_request_failed",
  // The machine
  "sandbox_unavailable",
  "image_missing",
  "setup_failed",
  "disk_full",
  "out_of_memory",
  "worker_died",
  "worker_failed",
  "turn_timeout",
  "task_timeout",
  "no_progress",
  "memory_low",
  "coordinator_stopped",
  // The model
  "model_key_missing",
  "model_key_refused",
  "model_unknown",
  "model_request_refused",
  "model_overloaded",
  "model_unreachable",
  "model_bad_answer",
  // The gateway's walls
  "policy",
  "stale_attempt",
  "event_gap",
]);
export type ErrorCode = z.infer<typeof ErrorCode>;

/** Why a task or a turn failed: what happened, what to do about it, and whether trying again can help. */
export const Failure = z.strictObject({
  code: ErrorCode,
  message: z.string(),
  action: z.string(),
  retryable: z.boolean(),
  /** With `approval_needed`: what was held back, for an approval to name. */
  commit: CommitId.optional(),
});
export type Failure = z.infer<typeof Failure>;

/** RFC 9457 problem details, with Farhand's stable `code` and a sentence on what to do. */
export const Problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: ErrorCode,
  detail: z.string(),
  action: z.string(),
  requestId: z.string().optional(),
  /** The fields that were wrong, as JSON paths such as `prompt` or `events.0.n`. */
  fields: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof Problem>;
