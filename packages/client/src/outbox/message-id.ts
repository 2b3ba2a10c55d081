import { sha256 } from "./sha256.ts";

const LETTERS = "0123456789abcdefghjkmnpqrstvwxyz";

/**
 * The id that the coordinator gives a message that was sent under this Idempotency-Key: so a message is the same one here
 * and there before the answer has come, and the log can tell that it arrived.
 */
export function messageIdOf(taskId: string, idempotencyKey: string): string {
  const hash = sha256(`${taskId} ${idempotencyKey}`);
  return `m_${[...hash.slice(0, 26)].map((byte) => LETTERS[byte & 31]).join("")}`;
}
