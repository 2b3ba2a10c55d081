/** What of the protocol is no shape: for those who cannot afford zod. */
export * from "./version.ts";

/** The largest frame that the coordinator reads from a client, in bytes. */
export const CLIENT_FRAME_MAX_BYTES = 64 * 1024;

/** How often the coordinator sends a sign of life; a client that is silent for three of them is cut off. */
export const HEARTBEAT_MS = 20_000;

/** WebSocket close codes of our own (RFC 6455 leaves 4000–4999 to applications). */
export const CloseCode = {
  /** No or wrong token in `hello`, or no `hello` in time. */
  unauthorized: 4401,
  /** A frame that does not parse, or is too large. */
  badFrame: 4400,
  /** Another protocol version. */
  unsupportedProtocol: 4426,
  /** The client gave no sign of life for too long. */
  silent: 4409,
  /** The client read too slowly; it resumes with its last seq. */
  slowReader: 4408,
  /** The coordinator stops; reconnect. */
  goingAway: 1001,
} as const;

/** The longest prompt or message that is taken: 256 KiB of UTF-8, which is about 64,000 tokens. */
export const PROMPT_MAX_BYTES = 256 * 1024;

/** The most bytes of one attachment, and the most attachments of one message. */
export const ATTACHMENT_MAX_BYTES = 10 * 1024 * 1024;
export const ATTACHMENTS_MAX = 10;

/** The `type` of a problem: a name, not an address to fetch. */
export const problemType = (code: string): string => `urn:farhand:error:${code}`;

export const PROBLEM_CONTENT_TYPE = "application/problem+json";

/**
 * What the agent is told by somebody who denies it an approval of this kind: as a message, and in the same words wherever
 * it is denied. A reason may follow.
 */
export const DENIED = {
  workflows:
    "I do not approve the changes to files that run in CI. Take them back, keep the rest, and finish again.",
} as const;
