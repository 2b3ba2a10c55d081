/** What the gateway asks of the coordinator. `main.ts` of the coordinator implements it. */
import type {
  Assignment,
  Delta,
  InboxItem,
  NumberedWorkerEvent,
  TakenMessages,
  TokenUsage,
} from "@farhand/protocol";

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
  /** Passes pieces on to whoever watches; drops them where nobody does. */
  delta(claim: AttemptClaim, deltas: Delta[]): void;
  /** Items after `after`; waits for one until `signal` aborts, then gives an empty list. */
  inbox(claim: AttemptClaim, after: number, signal: AbortSignal): Promise<InboxItem[]>;
  /** Delivers what waits and gives the delivered messages numbered above `after`; null for a stale attempt. */
  take(claim: AttemptClaim, after: number): Promise<TakenMessages["messages"] | null>;
  /** One model call's tokens, from the API's own answer. */
  used(claim: AttemptClaim, model: string, usage: TokenUsage): Promise<void>;
  /** The bare repository of the task, and what the agent may push beside the live checkpoint: one branch, one turn's. */
  repository(claim: AttemptClaim): Promise<{ path: string; branch: string; turn: number }>;
}

/** Where model calls go and with which key. The only plaintext copy of the key in use is in here. */
export interface ModelUpstream {
  baseUrl: string;
  /** Null when the user has set none: model calls are then refused with `authentication_error`. */
  apiKey: string | null;
}

export interface GatewayOptions {
  ports: GatewayPorts;
  upstream: ModelUpstream;
  /** Folder under which each task gets its socket folder. Keep it short: a socket path holds 107 bytes. */
  runDirectory: string;
  /** Hears of a socket file that was lost and could not be made again. The next look tries once more. */
  onError?: (error: unknown) => void;
  /** How often the socket files are looked at; 2 s by default. */
  watchMs?: number;
}

export interface Gateway {
  /** Opens the task's socket (idempotent). `directory` is what a sandbox mounts. */
  open(taskId: string): Promise<{ directory: string; socketName: string }>;
  /** Ends the task's open requests, closes its socket and removes the folder. */
  close(taskId: string): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
