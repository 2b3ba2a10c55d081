import type { ClientFrame, Problem, ServerFrame } from "@farhand/protocol";
import { CloseCode, PROTOCOL_VERSION } from "@farhand/protocol/constants";
import { ApiError, problem, UnreachableError } from "../api-error.ts";
import { type Backoff, backoffMs, DEFAULT_BACKOFF } from "../backoff.ts";
import type { TokenSource } from "../token-source.ts";
import type { Connection, ConnectionState } from "./api.ts";
import { readFrame } from "./frames.ts";
import { type Observable, Value } from "./observable.ts";

export interface ConnectionOptions {
  baseUrl: string;
  token: TokenSource;
  now: () => number;
  backoff?: Backoff;
  pingIntervalMs?: number;
  /** How long a connection lasts that is good; 10 s where it is left out. */
  stableMs?: number;
  /** Asked after each welcome. */
  serverVersion(): Promise<string>;
  /** Each connection begins with this; nothing is subscribed to yet. */
  onLive(): void;
  /** Frames other than signs of life. */
  onFrame(frame: ServerFrame): void;
  onLost(): void;
}

const DEFAULT_PING_INTERVAL_MS = 20_000;
/** For a socket to open and to be greeted. */
const GREETING_MS = 15_000;
/** One that lasts so long is good: if it is lost, the next wait is a short one. Those that break at once wait ever longer. */
const STABLE_MS = 10_000;
/** For a sign of life when somebody looks: on a phone that woke up, a dead connection looks alive. */
const NUDGE_MS = 3_000;

/** One WebSocket for all that is followed, made again and again. */
export class LiveConnection implements Connection {
  readonly #options: ConnectionOptions;
  readonly #state: Value<ConnectionState>;
  #socket: WebSocket | null = null;
  /** What is under way belongs to this try; what an earlier one still says is not heard. */
  #try = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #beat: ReturnType<typeof setInterval> | undefined;
  #stable: ReturnType<typeof setTimeout> | undefined;
  #pingedAtMs: number | null = null;
  #isSilent = false;
  #lastEvent: ConnectionState["lastEvent"] = null;
  #refusedToken: string | null = null;
  #isRunning = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#state = new Value<ConnectionState>({
      status: "stopped",
      baseUrl: options.baseUrl,
      serverVersion: null,
      latencyMs: null,
      lastHeardAtMs: null,
      lastEvent: null,
      outboxDepth: 0,
      nextRetryAtMs: null,
      failures: 0,
      problem: null,
    });
  }

  subscribe: Observable<ConnectionState>["subscribe"] = (listener) => this.#state.subscribe(listener);
  getSnapshot = (): ConnectionState => this.#state.getSnapshot();

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#connect();
  }

  stop(): void {
    this.#isRunning = false;
    this.#hangUp();
    this.#set({ status: "stopped", nextRetryAtMs: null });
  }

  nudge(): void {
    if (!this.#isRunning) return;
    const { status } = this.getSnapshot();
    if (status === "live") {
      this.#ping();
      // Who looks again and again puts off nothing.
      if (this.#deadline === undefined) this.#expect(NUDGE_MS);
    } else if (status !== "connecting") {
      this.#connect();
    }
  }

  retryNow(): void {
    if (!this.#isRunning || this.getSnapshot().status === "live") return;
    this.#connect();
  }

  setOutboxDepth(outboxDepth: number): void {
    if (outboxDepth !== this.getSnapshot().outboxDepth) this.#set({ outboxDepth });
  }

  /** The connection is of no use, though it is up: the server left something out. */
  restart(): void {
    if (this.getSnapshot().status === "live") this.#lost(null);
  }

  /** Does nothing while there is no connection. */
  send(frame: ClientFrame): void {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(frame));
  }

  #connect(): void {
    this.#hangUp();
    const mine = this.#try;
    this.#set({ status: "connecting", nextRetryAtMs: null });
    this.#expect(GREETING_MS);
    void this.#token().then(
      (token) => {
        if (mine === this.#try) this.#open(token, mine);
      },
      (error: unknown) => {
        if (mine !== this.#try) return;
        if (error instanceof ApiError && error.status === 401) this.#refuse(signedOut(this.#options.baseUrl));
        else this.#lost(error instanceof ApiError ? error.problem : null);
      },
    );
  }

  /** Another one, where the last was turned away. @throws ApiError `unauthorized` where there is none */
  async #token(): Promise<string> {
    const { token, baseUrl } = this.#options;
    const refused = this.#refusedToken;
    if (refused === null) return token.current();
    const renewed = await token.renew(refused);
    if (renewed === null) throw new ApiError(signedOut(baseUrl));
    return renewed;
  }

  #open(token: string, mine: number): void {
    const socket = new WebSocket(`${this.#options.baseUrl.replace(/^http/, "ws")}/api/ws`);
    this.#socket = socket;
    const heard = (what: () => void) => () => {
      if (mine === this.#try) what();
    };
    socket.onopen = heard(() => this.send({ type: "hello", protocol: PROTOCOL_VERSION, token }));
    socket.onerror = heard(() => this.#lost(null));
    socket.onclose = ({ code }) => {
      if (mine === this.#try) this.#closed(code, token);
    };
    socket.onmessage = ({ data }) => {
      if (mine === this.#try) this.#hear(readFrame(data));
    };
  }

  #hear(frame: ServerFrame | null): void {
    const isLive = this.getSnapshot().status === "live";
    this.#isSilent = false;
    if (isLive) this.#clearDeadline();
    if (frame?.type === "welcome") this.#welcome(frame.protocol);
    else if (frame?.type === "pong") this.#pong();
    else if (frame === null || frame.type === "heartbeat") this.#set({ lastHeardAtMs: this.#options.now() });
    else if (isLive) {
      this.#note(frame);
      this.#options.onFrame(frame);
    }
  }

  #note(frame: ServerFrame): void {
    const event =
      frame.type === "event" ? frame.event : frame.type === "events" ? frame.events.at(-1) : undefined;
    if (event) this.#lastEvent = { taskId: event.taskId, seq: event.seq };
  }

  #pong(): void {
    const now = this.#options.now();
    const latencyMs = this.#pingedAtMs === null ? this.getSnapshot().latencyMs : now - this.#pingedAtMs;
    this.#pingedAtMs = null;
    this.#set({ latencyMs, lastHeardAtMs: now, lastEvent: this.#lastEvent });
  }

  #welcome(protocol: number): void {
    if (protocol !== PROTOCOL_VERSION) {
      this.#refuse(otherVersion(protocol));
      return;
    }
    this.#clearDeadline();
    this.#refusedToken = null;
    this.#beat = setInterval(() => this.#tick(), this.#options.pingIntervalMs ?? DEFAULT_PING_INTERVAL_MS);
    this.#stable = setTimeout(() => this.#set({ failures: 0 }), this.#options.stableMs ?? STABLE_MS);
    this.#set({ status: "live", problem: null, lastHeardAtMs: this.#options.now(), nextRetryAtMs: null });
    const mine = this.#try;
    this.#options.serverVersion().then(
      (serverVersion) => {
        if (mine === this.#try) this.#set({ serverVersion });
      },
      // What cannot be asked now is asked at the next welcome, and the last answer stands until then.
      () => undefined,
    );
    this.#ping();
    this.#options.onLive();
  }

  #tick(): void {
    if (this.#isSilent) {
      this.#lost(null);
      return;
    }
    this.#isSilent = true;
    this.#ping();
  }

  #ping(): void {
    this.#pingedAtMs ??= this.#options.now();
    this.send({ type: "ping" });
  }

  #closed(code: number, token: string): void {
    if (code === CloseCode.unsupportedProtocol) {
      this.#refuse(otherVersion(null));
    } else if (code !== CloseCode.unauthorized) {
      this.#lost(null);
    } else if (this.#refusedToken !== null || token === "") {
      // A new token that is turned away as well says that the sign-in is over.
      this.#refuse(signedOut(this.#options.baseUrl));
    } else {
      this.#drop();
      this.#refusedToken = token;
      this.#connect();
    }
  }

  #lost(why: Problem | null): void {
    this.#drop();
    const { failures } = this.getSnapshot();
    const delayMs = backoffMs(failures, this.#options.backoff ?? DEFAULT_BACKOFF, Math.random());
    this.#set({
      status: "offline",
      failures: failures + 1,
      nextRetryAtMs: this.#options.now() + delayMs,
      problem: why ?? noAnswer(this.#options.baseUrl),
    });
    this.#retry = setTimeout(() => this.#connect(), delayMs);
  }

  #refuse(why: Problem): void {
    this.#drop();
    this.#refusedToken = null;
    this.#set({ status: "refused", problem: why, nextRetryAtMs: null });
  }

  /** Ends the connection, and tells those who follow something over it. */
  #drop(): void {
    const wasLive = this.getSnapshot().status === "live";
    this.#hangUp();
    if (wasLive) this.#options.onLost();
  }

  #hangUp(): void {
    this.#try += 1;
    clearTimeout(this.#retry);
    this.#clearDeadline();
    clearInterval(this.#beat);
    clearTimeout(this.#stable);
    this.#pingedAtMs = null;
    this.#isSilent = false;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #clearDeadline(): void {
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
  }

  #expect(withinMs: number): void {
    this.#clearDeadline();
    this.#deadline = setTimeout(() => this.#lost(null), withinMs);
  }

  #set(change: Partial<ConnectionState>): void {
    this.#state.set({ ...this.getSnapshot(), ...change });
  }
}

function noAnswer(baseUrl: string): Problem {
  const { message, action } = new UnreachableError(baseUrl);
  return problem(503, "not_ready", message, action);
}

const signedOut = (baseUrl: string): Problem =>
  problem(401, "unauthorized", `The sign-in at ${baseUrl} has ended.`, "Sign in again.");

function otherVersion(theirs: number | null): Problem {
  const what = theirs === null ? "another version of the protocol" : `version ${theirs} of the protocol`;
  return problem(
    426,
    "unsupported_protocol",
    `The server speaks ${what}; this app speaks version ${PROTOCOL_VERSION}.`,
    "Update the app and the server to the same version.",
  );
}
