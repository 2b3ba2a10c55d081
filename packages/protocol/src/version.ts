/**
 * The version of every shape in this package. A worker sends it with each call and a client in its first
 * WebSocket frame; the other side refuses a number that it does not speak.
 */
export const PROTOCOL_VERSION = 2;

/** Request header that carries {@link PROTOCOL_VERSION} from a worker to the gateway. */
export const PROTOCOL_HEADER = "x-farhand-protocol";

/**
 * Request header with which a client names a change that it asks for. A repeat with the same key and the same body
 * gets the first answer again for 24 hours; another body under the same key is refused (409 `idempotency_conflict`).
 */
export const IDEMPOTENCY_HEADER = "idempotency-key";

/** Response header of an answer that is given again. */
export const REPLAYED_HEADER = "idempotency-replayed";
