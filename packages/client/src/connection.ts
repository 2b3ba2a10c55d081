import {
  type ClientFrame,
  CloseCode,
  PROTOCOL_VERSION,
  type Problem,
  type ServerFrame,
} from "@farhand/protocol";
import { ApiError, isLost, mayPass, problem } from "./api-error.ts";
import { type Backoff, backoffMs, DEFAULT_BACKOFF } from "./backoff.ts";
import { FrameSocket } from "./frame-socket.ts";
import { pause } from "./pause.ts";
import type { TokenSource } from "./token-source.ts";

export type ConnectionItem =
  | { type: "connection"; status: "connecting" | "live" }
  | { type: "connection"; status: "lost"; retryInMs: number };

export interface ConnectionSource {
  baseUrl: string;
  token: TokenSource;
  backoff?: Backoff;
  pingIntervalMs?: number;
}

/** One connection, as those see it who follow something over it. */
export interface Link {
  /**
   * The coordinator's frames from its welcome on, without signs of life. Ends when the connection is lost, throws when
   * no other could help.
   */
  frames(): AsyncGenerator<ServerFrame, void, void>;
  /** Does nothing once the connection is lost. */
  send(frame: ClientFrame): void;
  /** Something came of this connection: if it is lost, the next wait is a short one. */
  progressed(): void;
  /** Aborts when the connection is lost, or when nobody wants it any more. */
  signal: AbortSignal;
}

const DEFAULT_PING_INTERVAL_MS = 20_000;

/**
 * Connects again and again, and gives out what `session` makes of each connection. A session that returns wants
 * another connection. Ends when `signal` aborts; what a session throws comes out.
 */
export async function* connected<T>(
  source: ConnectionSource,
  signal: AbortSignal | undefined,
  session: (link: Link) => AsyncGenerator<T, void, void>,
): AsyncGenerator<T | ConnectionItem, void, void> {
  const url = `${source.baseUrl.replace(/^http/, "ws")}/api/ws`;
  /** Connections in a row that brought nothing. */
  let failures = 0;
  const progressed = () => {
    failures = 0;
  };
  while (!signal?.aborted) {
    yield { type: "connection", status: "connecting" };
    if (signal?.aborted) return;
    using socket = new FrameSocket(url, source.pingIntervalMs ?? DEFAULT_PING_INTERVAL_MS);
    const hangUp = () => socket[Symbol.dispose]();
    signal?.addEventListener("abort", hangUp, { once: true });
    try {
      yield* session({
        frames: () => framesOf(socket, source.token, progressed, signal),
        send: (frame) => socket.send(frame),
        progressed,
        signal: socket.signal,
      });
    } finally {
      signal?.removeEventListener("abort", hangUp);
    }
    if (signal?.aborted) return;
    const retryInMs = backoffMs(failures, source.backoff ?? DEFAULT_BACKOFF, Math.random());
    failures += 1;
    // Nothing is to come of it while the caller looks at this item.
    socket[Symbol.dispose]();
    yield { type: "connection", status: "lost", retryInMs };
    await pause(retryInMs, signal);
  }
}

async function* framesOf(
  socket: FrameSocket,
  token: TokenSource,
  progressed: () => void,
  signal: AbortSignal | undefined,
): AsyncGenerator<ServerFrame, void, void> {
  for (;;) {
    const item = await socket.next();
    // What came before nobody wanted it any more is not wanted either.
    if (signal?.aborted) return;
    if (item.type === "closed") {
      const refusal = refusalOf(item.code);
      if (refusal) throw new ApiError(refusal);
      return;
    }
    if (item.type === "open") {
      const current = await token.current().catch((error: unknown) => {
        if (isLost(error, socket.signal)) return null;
        throw error;
      });
      // Who cannot be asked for a new token will not answer here either.
      if (current === null) return;
      socket.send({ type: "hello", protocol: PROTOCOL_VERSION, token: current });
      continue;
    }
    const { frame } = item;
    switch (frame.type) {
      case "pong":
      case "heartbeat":
        progressed();
        break;
      case "error":
        if (!mayPass(frame.problem.status)) throw new ApiError(frame.problem);
        return;
      case "welcome":
        if (frame.protocol !== PROTOCOL_VERSION) throw new ApiError(otherVersion(frame.protocol));
        yield frame;
        break;
      default:
        yield frame;
    }
  }
}

/** Why it is no use to connect again after such a close, or null where it is. */
function refusalOf(closeCode: number): Problem | null {
  switch (closeCode) {
    case CloseCode.unauthorized:
      return problem(
        401,
        "unauthorized",
        "The coordinator does not accept this token.",
        "Sign in again with `farhand login`, or, on the coordinator's own machine, use the token in its data folder (`owner.token`).",
      );
    case CloseCode.unsupportedProtocol:
      return otherVersion(null);
    case CloseCode.badFrame:
      return problem(
        400,
        "invalid_request",
        "The coordinator did not understand this client.",
        "Bring the client and the coordinator to the same version.",
      );
    default:
      return null;
  }
}

function otherVersion(theirs: number | null): Problem {
  const what = theirs === null ? "another version of the protocol" : `version ${theirs} of the protocol`;
  return problem(
    426,
    "unsupported_protocol",
    `The coordinator speaks ${what}; this client speaks version ${PROTOCOL_VERSION}.`,
    "Bring the client and the coordinator to the same version.",
  );
}
