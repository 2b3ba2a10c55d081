import { expect } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Assignment,
  type Delta,
  type InboxItem,
  type NumberedWorkerEvent,
  PROBLEM_CONTENT_TYPE,
  PROTOCOL_HEADER,
  PROTOCOL_VERSION,
  Problem,
  type QuestionOutcome,
  type TakenMessages,
} from "@farhand/protocol";
import type {
  AttemptClaim,
  EgressPolicy,
  Gateway,
  GatewayOptions,
  GatewayPorts,
  MayAsk,
  MeteredUsage,
  ModelUpstream,
} from "../src/gateway.ts";
import { createGateway } from "../src/gateway.ts";

export const TASK = "t_01j9z3k4m5n6p7q8r9s0t1v2w3";
export const OTHER_TASK = "t_01j9z3k4m5n6p7q8r9s0t1v2w4";
export const BRANCH = "farhand/mend";
/** A key that no answer to a worker may ever hold. */
export const KEY = "sk-ant-canary-0123456789abcdef";

export const assignment: Assignment = {
  protocol: PROTOCOL_VERSION,
  taskId: TASK,
  attempt: 1,
  turn: 1,
  repository: "https://example.org/o/n",
  model: "claude-sonnet-5-5",
  messages: [{ role: "user", content: [{ type: "text", text: "Mend it" }] }],
  baseBranch: "main",
  baseCommit: "a".repeat(40),
  branch: BRANCH,
  restore: null,
  inboxAfter: 0,
  deliveredThrough: 0,
  author: { name: "Farhand", email: "farhand@example.org" },
  environment: {},
  limits: {
    maxOutputTokens: 1000,
    maxModelCalls: 10,
    toolTimeoutMs: 1000,
    toolOutputBytes: 1000,
    modelRetries: 1,
    checkpointMs: 1000,
  },
};

/** A coordinator in memory: attempt 1 with the token `one`, until `attempt` is raised. */
export class FakePorts implements GatewayPorts {
  attempt = 1;
  /** Between two turns. */
  isResting = false;
  readonly tokens = new Map([
    ["one", 1],
    ["two", 2],
  ]);
  readonly log: NumberedWorkerEvent[] = [];
  readonly deltas: Delta[] = [];
  readonly calls: { claim: AttemptClaim; model: string; usage: MeteredUsage; isEstimated: boolean }[] = [];
  /** A person has asked for the turn's end. */
  isEndWanted = false;
  model: ModelUpstream | null = null;
  /** Whether a model call may be made; may wait. */
  allow: (signal: AbortSignal) => Promise<MayAsk> = async () => ({ ok: true });
  readonly inboxItems: InboxItem[] = [];
  readonly #inboxWaiters = new Set<() => void>();
  claims = 0;
  waiting = 0;
  repositoryPath = "/nonexistent";
  turn = 1;
  assignmentOf: (after: number, signal: AbortSignal) => Promise<Assignment> = async () => assignment;
  /** What was delivered; null once the attempt is stale. */
  taken: TakenMessages["messages"] | null = [];

  async claim(taskId: string, token: string) {
    this.claims++;
    const attempt = taskId === TASK ? this.tokens.get(token) : undefined;
    if (attempt === undefined) return { status: "unknown" as const };
    if (attempt < this.attempt) return { status: "stale" as const };
    return { status: "current" as const, claim: { taskId, attempt }, isResting: this.isResting };
  }

  assignment(_claim: AttemptClaim, after: number, signal: AbortSignal) {
    return this.assignmentOf(after, signal);
  }

  async take(_claim: AttemptClaim, after: number) {
    return this.taken?.filter(({ n }) => n > after) ?? null;
  }

  async append(_claim: AttemptClaim, events: NumberedWorkerEvent[]) {
    if ((events[0]?.n ?? 0) > this.log.length + 1) {
      return { status: "gap" as const, acknowledged: this.log.length };
    }
    this.log.push(...events.filter((event) => event.n > this.log.length));
    return { status: "ok" as const, acknowledged: this.log.length };
  }

  delta(_claim: AttemptClaim, deltas: Delta[]) {
    this.deltas.push(...deltas);
  }

  async inbox(_claim: AttemptClaim, after: number, signal: AbortSignal) {
    const found = () => this.inboxItems.filter((item) => item.n > after);
    if (found().length === 0 && !signal.aborted) {
      this.waiting++;
      await new Promise<void>((resolve) => {
        this.#inboxWaiters.add(resolve);
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
      this.waiting--;
    }
    return found();
  }

  send(item: InboxItem) {
    this.inboxItems.push(item);
    for (const wake of this.#inboxWaiters) wake();
  }

  /** By their ids. */
  readonly attachments = new Map<string, Blob>();

  async attachment(_claim: AttemptClaim, id: string): Promise<Blob | null> {
    return this.attachments.get(id) ?? null;
  }

  /** By the tool call's id; a call that is named `full` finds no room. */
  readonly outputs = new Map<string, string>();

  async keepOutput(_claim: AttemptClaim, toolUseId: string, text: string): Promise<boolean> {
    if (toolUseId === "full") return false;
    this.outputs.set(toolUseId, text);
    return true;
  }

  /** By the question's id; open where there is none. */
  readonly outcomes = new Map<string, QuestionOutcome>();

  async answer(_claim: AttemptClaim, questionId: string, signal: AbortSignal): Promise<QuestionOutcome> {
    while (!this.outcomes.has(questionId) && !signal.aborted) await Bun.sleep(2);
    return this.outcomes.get(questionId) ?? { status: "open" };
  }

  mayAsk(_claim: AttemptClaim, _model: string, signal: AbortSignal) {
    return this.allow(signal);
  }

  async upstream() {
    return this.model;
  }

  async used(claim: AttemptClaim, call: { model: string; usage: MeteredUsage; isEstimated: boolean }) {
    this.calls.push({ claim, ...call });
  }

  async wantsEnd() {
    return this.isEndWanted;
  }

  /** What may be reached; nothing unless a test says so. */
  decide: EgressPolicy["decide"] = () => ({ allowed: false, rule: "off" });
  egressMode: EgressPolicy["mode"] = "none";
  readonly tooMuch: AttemptClaim[] = [];
  roomBytes = Number.POSITIVE_INFINITY;
  readonly refusals: { host: string; port: number; rule: string }[] = [];

  async egress() {
    return { mode: this.egressMode, turn: this.turn, decide: this.decide };
  }

  async egressRefused(_claim: AttemptClaim, refusal: { host: string; port: number; rule: string }) {
    this.refusals.push(refusal);
  }

  async repository() {
    return {
      path: this.repositoryPath,
      branch: BRANCH,
      turn: this.turn,
      roomBytes: async () => this.roomBytes,
    };
  }

  reportedTooMuch(claim: AttemptClaim) {
    this.tooMuch.push(claim);
  }
}

/** A gateway with one open socket, as a worker sees it. */
export class Door implements AsyncDisposable {
  readonly ports: FakePorts;
  readonly gateway: Gateway;
  readonly folder: string;
  readonly socket: string;

  private constructor(ports: FakePorts, gateway: Gateway, folder: string, socket: string) {
    this.ports = ports;
    this.gateway = gateway;
    this.folder = folder;
    this.socket = socket;
  }

  static async open(
    upstream: (Omit<ModelUpstream, "address" | "isBearer"> & { isBearer?: boolean }) | null = {
      baseUrl: "http://127.0.0.1:9",
      apiKey: KEY,
    },
    options: Pick<
      GatewayOptions,
      "watchMs" | "onError" | "eventsMaxBytes" | "doorCaps" | "egressCaps" | "egressDial"
    > = {},
  ): Promise<Door> {
    const folder = await mkdtemp(join(tmpdir(), "gw-"));
    const ports = new FakePorts();
    ports.model = upstream && { isBearer: false, ...upstream, address: null };
    const gateway = createGateway({ ports, runDirectory: join(folder, "run"), ...options });
    const { directory, socketName } = await gateway.open(TASK);
    return new Door(ports, gateway, folder, join(directory, socketName));
  }

  /** A request with attempt 1's token and the protocol version, unless `init` says otherwise. */
  fetch(path: string, init: RequestInit & { token?: string | null } = {}): Promise<Response> {
    const { token = "one", ...rest } = init;
    const headers = new Headers(rest.headers);
    if (!headers.has(PROTOCOL_HEADER)) headers.set(PROTOCOL_HEADER, String(PROTOCOL_VERSION));
    if (token !== null && !headers.has("authorization")) headers.set("authorization", `Bearer ${token}`);
    return fetch(`http://gateway${path}`, { ...rest, headers, unix: this.socket, timeout: false });
  }

  post(path: string, body: unknown, init: RequestInit & { token?: string | null } = {}): Promise<Response> {
    return this.fetch(path, { method: "POST", body: JSON.stringify(body), ...init });
  }

  async [Symbol.asyncDispose]() {
    await this.gateway[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await Bun.sleep(5);
}

/** A worker's event with that number. */
export const notice = (n: number) => ({
  n,
  at: "2026-01-01T00:00:00.000Z",
  event: { type: "notice", level: "info", code: "c", message: `m${n}` },
});

export const delta = { messageId: "m", index: 0, kind: "text", text: "hi" };

/** A request to every route that there is. */
export const routes: [string, string][] = [
  ["GET", "/farhand/v1/assignment?after=0"],
  ["POST", "/farhand/v1/events"],
  ["POST", "/farhand/v1/deltas"],
  ["GET", "/farhand/v1/inbox?after=0"],
  ["POST", "/farhand/v1/messages"],
  ["GET", "/farhand/v1/answer?question=toolu_1"],
  ["GET", "/farhand/v1/attachment?id=0b9f6f0e-3b0a-4c59-9d6e-0a4f1c2d3e4f"],
  ["PUT", "/farhand/v1/output?call=toolu_1"],
  ["POST", "/v1/messages"],
  ["POST", "/v1/messages/count_tokens"],
  ["GET", "/v1/models"],
  ["GET", "/git/task.git/info/refs?service=git-upload-pack"],
  ["POST", "/git/task.git/git-receive-pack"],
];

export async function problemIn(response: Response): Promise<Problem> {
  expect(response.headers.get("content-type")).toBe(PROBLEM_CONTENT_TYPE);
  const problem = Problem.parse(await response.json());
  expect(problem.status).toBe(response.status);
  return problem;
}
