/** What the gateway asks of the coordinator. `main.ts` of the coordinator implements it. */
import type {
  Assignment,
  Delta,
  EgressMode,
  EgressRule,
  ErrorCode,
  InboxItem,
  NumberedWorkerEvent,
  QuestionOutcome,
  TakenMessages,
  TokenUsage,
} from "@farhand/protocol";
import type { DoorCaps } from "./door-caps.ts";
import type { EgressCaps } from "./egress/allowance.ts";
import type { DialOptions } from "./egress/dial.ts";

/** A request's proven identity: the task whose socket it came through and the attempt whose token it bears. */
export interface AttemptClaim {
  taskId: string;
  attempt: number;
}

export type ClaimResult =
  /** `isResting`: its turn is over and the next has not begun, so that it may ask for that one and report, no more. */
  | { status: "current"; claim: AttemptClaim; isResting: boolean }
  | { status: "stale" }
  | { status: "unknown" };

export type AppendResult = { status: "ok"; acknowledged: number } | { status: "gap"; acknowledged: number };

export interface GatewayPorts {
  /** Checks a token against the task's current attempt. Called for every request: it is the fence. */
  claim(taskId: string, token: string): Promise<ClaimResult>;
  /**
   * The assignment of a turn later than `after`. Resolves when there is one and the repository is ready; rejects when
   * that will never be, and when `signal` aborts.
   */
  assignment(claim: AttemptClaim, after: number, signal: AbortSignal): Promise<Assignment>;
  /** Appends what is new; repeats are acknowledged again, not stored again. */
  append(claim: AttemptClaim, events: NumberedWorkerEvent[]): Promise<AppendResult>;
  /** The attempt has reported more than one may, and what it reports from now on is refused. Called each time. */
  reportedTooMuch(claim: AttemptClaim): void;
  /** Passes pieces on to whoever watches; drops them where nobody does. */
  delta(claim: AttemptClaim, deltas: Delta[]): void;
  /** Items after `after`; waits for one until `signal` aborts, then gives an empty list. */
  inbox(claim: AttemptClaim, after: number, signal: AbortSignal): Promise<InboxItem[]>;
  /** Delivers what waits and gives the delivered messages numbered above `after`; null for a stale attempt. */
  take(claim: AttemptClaim, after: number): Promise<TakenMessages["messages"] | null>;
  /** The bytes of an attachment that an event of the task names; null for any other. */
  attachment(claim: AttemptClaim, id: string): Promise<Blob | null>;
  /** Keeps all that a tool gave, for people. False where there is no room for it. */
  keepOutput(claim: AttemptClaim, toolUseId: string, text: string): Promise<boolean>;
  /** How a question stands; waits while it is open until `signal` aborts, then says so. */
  answer(claim: AttemptClaim, questionId: string, signal: AbortSignal): Promise<QuestionOutcome>;
  /**
   * Asked before each model request. It may wait: while a budget is used up the request is held, until more may be spent
   * or `signal` aborts, which rejects with its reason.
   */
  mayAsk(claim: AttemptClaim, model: string, signal: AbortSignal): Promise<MayAsk>;
  /**
   * Where the task's model calls go and with whose key, asked at each call; null when there is none. The only plaintext
   * copy of the key in use passes through here.
   */
  upstream(claim: AttemptClaim): Promise<ModelUpstream | null>;
  /** One model call's tokens, from the API's own answer; in part estimated where that did not come to its end. */
  used(
    claim: AttemptClaim,
    call: { model: string; usage: MeteredUsage; isEstimated: boolean },
  ): Promise<void>;
  /** Whether a person has asked for the end of what the task is at, so that nothing may go on being paid for. */
  wantsEnd(claim: AttemptClaim): Promise<boolean>;
  /** What the task may reach at this moment. Asked for each connection. */
  egress(claim: AttemptClaim): Promise<EgressPolicy>;
  /** Hears of every connection that was refused. */
  egressRefused(
    claim: AttemptClaim,
    refusal: { host: string; port: number; rule: EgressRule },
  ): Promise<void>;
  /**
   * The bare repository of the task, and what the agent may push beside the live checkpoint: one branch, one turn's.
   * `roomBytes` looks up what it may still grow by.
   */
  repository(
    claim: AttemptClaim,
  ): Promise<{ path: string; branch: string; turn: number; roomBytes: () => Promise<number> }>;
}

export interface EgressPolicy {
  /** For the words of a refusal; what is allowed is for `decide` to say. */
  mode: EgressMode;
  /** The turn whose share of bytes a connection uses. */
  turn: number;
  decide(target: EgressTarget): EgressVerdict;
}

export interface EgressTarget {
  /** A name in lower case, or an IP address. */
  host: string;
  port: number;
  /** CONNECT, which has to carry TLS; or a request in plain HTTP. */
  via: "connect" | "plain";
}

/** `isRaw`: at this port of the host other protocols than TLS may pass too. */
export type EgressVerdict = { allowed: true; isRaw: boolean } | { allowed: false; rule: EgressRule };

export type MayAsk = { ok: true } | { ok: false; code: ErrorCode; message: string; action: string };

export interface MeteredUsage extends TokenUsage {
  /** The part of `cacheCreationInputTokens` that the API keeps for an hour, at a price of its own. */
  longCacheTokens: number;
}

export interface ModelUpstream {
  baseUrl: string;
  apiKey: string;
  /** The key goes as `Authorization: Bearer`, not as `x-api-key`. */
  isBearer: boolean;
  /** The IP address to connect to in place of asking for the host's again; null to ask. */
  address: string | null;
}

export interface GatewayOptions {
  ports: GatewayPorts;
  /** Folder under which each task gets its socket folder. Keep it short: a socket path holds 107 bytes. */
  runDirectory: string;
  /** Hears of a socket file that was lost and could not be made again. The next look tries once more. */
  onError?: (error: unknown) => void;
  /** Most bytes of events that one attempt may report; 256 MiB by default. */
  eventsMaxBytes?: number;
  /** What each task may hold of the gateway itself; what is left out has a default. */
  doorCaps?: Partial<DoorCaps>;
  /** What each task's connections to the network may take; what is left out has a default. */
  egressCaps?: Partial<EgressCaps>;
  /**
   * How names are resolved and which addresses are public, for tests: no setting leads here. Left out, the system
   * resolves, and no address but those of the public internet is connected to.
   */
  egressDial?: Partial<DialOptions>;
  /** How often the socket files are looked at; 2 s by default. */
  watchMs?: number;
}

/** Closed when it is disposed of, and with its task. */
export interface SetupWay extends AsyncDisposable {
  /** What the setup's container mounts. */
  directory: string;
  socketName: string;
  /** Opens this way alone. */
  token: string;
}

export interface Gateway {
  /** Opens the task's socket (idempotent). `directory` is what a sandbox mounts. */
  open(taskId: string): Promise<{ directory: string; socketName: string }>;
  /**
   * Opens a way to the network, and to nothing else, for what prepares the task's system during the attempt with this
   * token. One that was open is closed.
   */
  openSetup(taskId: string, attemptToken: string): Promise<SetupWay>;
  /** Ends the task's open requests, closes its sockets and removes their folders. */
  close(taskId: string): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
