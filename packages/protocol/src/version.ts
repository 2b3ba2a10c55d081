/**
 * The version of every shape in this package. A worker sends it with each call and a client in its first
 * WebSocket frame; the other side refuses a number that it does not speak.
 */
export const PROTOCOL_VERSION = 1;

/** Request header that carries {@link PROTOCOL_VERSION} from a worker to the gateway. */
export const PROTOCOL_HEADER = "x-farhand-protocol";
