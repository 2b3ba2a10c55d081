import { type FarhandError, failure } from "../domain/failure.ts";

/** The same answer for a task that is not there and for one that is somebody else's. */
export function noSuchTask(): FarhandError {
  return failure("not_found", "There is no such task.", "Check the id; GET /api/tasks lists yours.");
}
