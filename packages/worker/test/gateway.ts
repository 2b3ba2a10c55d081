import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serveGit } from "@farhand/git-http";
import {
  ACKNOWLEDGED_HEADER,
  Assignment,
  type Attachment,
  type Delta,
  DeltaBatch,
  EventBatch,
  type InboxItem,
  LIVE_REF,
  type Message,
  type NumberedWorkerEvent,
  PROTOCOL_HEADER,
  PROTOCOL_VERSION,
  type QuestionOutcome,
  RESTORE_REF,
  TakeMessages,
  type TakenMessages,
  turnRef,
  type WorkerEvent,
  WorkerRoutes,
} from "@farhand/protocol";
import { type Repository, seedRepository } from "./repository.ts";

export const BRANCH = "farhand/mend";
export const MODEL_KEY = "sk-ant-canary-0123456789abcdef";

type EventOf<Type extends WorkerEvent["type"]> = Extract<WorkerEvent, { type: Type }>;

const ENDS: WorkerEvent["type"][] = ["turn.finished", "turn.failed", "turn.stopped"];

/**
 * A gateway with one task, one bare repository and no rules about models, over a real unix socket. It is as strict
 * about the protocol as the real one and can be told to misbehave. When the last turn that it has is done, it says
 * that another worker has taken over, unless it is told to hold the request.
 */
export class TestGateway implements AsyncDisposable {
  readonly folder: string;
  readonly socket: string;
  readonly workspace: string;
  readonly repository: Repository;
  readonly token = "attempt-token-canary";
  /** The turns' assignments; each is given once the one before has ended. */
  readonly assignments: Assignment[];
  /** How the questions stand, by their ids. */
  readonly outcomes = new Map<string, QuestionOutcome>();
  /** Hold the request for a turn that is not there yet. */
  holds = false;
  readonly log: NumberedWorkerEvent[] = [];
  readonly deltas: Delta[] = [];
  readonly inbox: InboxItem[] = [];
  /** Messages of people that were delivered. */
  readonly delivered: TakenMessages["messages"] = [];
  /** What the task's events name. */
  readonly attachments = new Map<string, { attachment: Attachment; bytes: Uint8Array<ArrayBuffer> }>();
  /** Outputs that were kept, by the ids of their calls. */
  readonly outputs = new Map<string, string>();
  /** Calls that came when they must not. */
  readonly violations: string[] = [];
  /** Answered `after`s of the messages route. */
  readonly takes: number[] = [];
  /** Model requests, as they came from the worker. */
  readonly modelRequests: unknown[] = [];
  /** Answers a request in place of the gateway when it returns an answer. */
  intercept: (request: Request, path: string) => Response | null | Promise<Response | null> = () => null;
  onEvent: (event: WorkerEvent) => void = () => undefined;
  readonly #modelUrl: string;
  readonly #waiting: Omit<TakenMessages["messages"][number], "n">[] = [];
  /** What the turns have added to the first one's conversation. */
  readonly #said: Message[] = [];
  /** Number of the turn whose assignment was given, and whether its end is in the log. */
  #turn = 0;
  /** The turn that the worker named when it asked for that one. */
  #askedAfter = 0;
  #isResting = false;
  #server: Bun.Server<undefined> | null = null;

  private constructor(folder: string, repository: Repository, modelUrl: string) {
    this.folder = folder;
    this.socket = join(folder, "s");
    this.workspace = join(folder, "workspace");
    this.repository = repository;
    this.#modelUrl = modelUrl;
    this.assignments = [
      {
        protocol: PROTOCOL_VERSION,
        taskId: "t_01j9z3k4m5n6p7q8r9s0t1v2w3",
        attempt: 1,
        turn: 1,
        repository: "https://example.org/o/n",
        model: "claude-sonnet-5-5",
        messages: [{ role: "user", content: [{ type: "text", text: "Mend the sum" }] }],
        baseBranch: "main",
        baseCommit: repository.commit,
        branch: BRANCH,
        restore: null,
        inboxAfter: 0,
        deliveredThrough: 0,
        author: { name: "Farhand", email: "farhand@example.org" },
        environment: {},
        limits: {
          maxOutputTokens: 8_000,
          maxModelCalls: 20,
          toolTimeoutMs: 20_000,
          toolOutputBytes: 20_000,
          modelRetries: 3,
          checkpointMs: 3_600_000,
        },
      },
    ];
  }

  static async start(modelUrl: string): Promise<TestGateway> {
    const folder = await mkdtemp(join(tmpdir(), "fw-"));
    const gateway = new TestGateway(folder, await seedRepository(folder), modelUrl);
    gateway.up();
    return gateway;
  }

  get environment() {
    const { socket, token, workspace } = this;
    return { socket, token, workspace, path: process.env.PATH ?? "", authorities: {} };
  }

  /** The first turn's assignment. */
  get assignment(): Assignment {
    return this.assignments[0] as Assignment;
  }

  /** A later attempt: the first assignment with other fields. */
  assign(fields: Partial<Assignment>): void {
    this.assignments[0] = { ...this.assignment, ...fields };
  }

  /** Opens the turn after the last one, with the conversation that the log has by now. */
  nextTurn(text: string): void {
    const last = this.assignments.at(-1) as Assignment;
    this.#say({ role: "user", content: [...this.#openResults(), ...said(text)] });
    this.assignments.push({
      ...last,
      turn: last.turn + 1,
      messages: joined([...this.assignment.messages, ...this.#said]),
      inboxAfter: this.inbox.length,
      deliveredThrough: this.delivered.length,
    });
  }

  /** Something that a message may name. */
  attach(name: string, mediaType: string, bytes: Uint8Array<ArrayBuffer>): Attachment {
    const attachment = { id: crypto.randomUUID(), name, mediaType, sizeBytes: bytes.byteLength };
    this.attachments.set(attachment.id, { attachment, bytes });
    return attachment;
  }

  /** Asks something of the worker. @returns the item's number */
  signal(type: InboxItem["type"]): number {
    const n = this.inbox.length + 1;
    this.inbox.push({ n, type });
    return n;
  }

  /** A person writes; the worker is told by a signal. @returns the signal's number */
  write(text: string, attachments: Attachment[] = []): number {
    const messageId = `m${this.#waiting.length + this.delivered.length + 1}`;
    this.#waiting.push({ messageId, text, ...(attachments.length > 0 ? { attachments } : {}) });
    return this.signal("messages");
  }

  /** Commit of the checkpoint at a turn's end, or of the live one. */
  async checkpoint(turn: number | "live"): Promise<string> {
    const ref = turn === "live" ? LIVE_REF : turnRef(turn);
    return (await this.repository.git("rev-parse", ref)).trim();
  }

  /** Offers a commit as the state that the first turn begins with. */
  async restoreFrom(commit: string): Promise<void> {
    await this.repository.git("update-ref", RESTORE_REF, commit);
    this.assign({ restore: commit });
  }

  /** All events of one type that the log holds. */
  events<Type extends WorkerEvent["type"]>(type: Type): EventOf<Type>[] {
    return this.log.flatMap(({ event }) => (event.type === type ? [event as EventOf<Type>] : []));
  }

  types(): string[] {
    return this.log.map(({ event }) => event.type);
  }

  up(): void {
    this.#server = Bun.serve({
      unix: this.socket,
      fetch: async (request, server) => {
        // Held requests are silent for long.
        server.timeout(request, 0);
        const intercepted = await this.intercept(request, new URL(request.url).pathname);
        return intercepted ?? (await this.answer(request));
      },
    });
  }

  async down(): Promise<void> {
    await this.#server?.stop(true);
    await rm(this.socket, { force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Does what a request asks for. */
  async answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    if (request.headers.get("authorization") !== `Bearer ${this.token}`)
      return new Response(null, { status: 401 });
    if (request.headers.get(PROTOCOL_HEADER) !== String(PROTOCOL_VERSION))
      return new Response(null, { status: 426 });
    const call = `${request.method} ${url.pathname}`;
    const mayRest = [`GET ${WorkerRoutes.assignment}`, `POST ${WorkerRoutes.events}`].includes(call);
    if (this.#isResting && !mayRest) return this.#refuse(`${call} while resting`);
    switch (call) {
      case `GET ${WorkerRoutes.assignment}`:
        return await this.#assignment(Number(url.searchParams.get("after")), request.signal);
      case `POST ${WorkerRoutes.events}`:
        return this.#append(EventBatch.parse(await request.json()).events);
      case `POST ${WorkerRoutes.deltas}`:
        this.deltas.push(...DeltaBatch.parse(await request.json()).deltas);
        return new Response(null, { status: 204 });
      case `GET ${WorkerRoutes.inbox}`:
        return await this.#inbox(Number(url.searchParams.get("after")), request.signal);
      case `GET ${WorkerRoutes.answer}`:
        return await this.#outcome(url.searchParams.get("question") ?? "", request.signal);
      case `GET ${WorkerRoutes.attachment}`: {
        const found = this.attachments.get(url.searchParams.get("id") ?? "");
        return found ? new Response(found.bytes) : new Response(null, { status: 404 });
      }
      case `PUT ${WorkerRoutes.output}`:
        this.outputs.set(url.searchParams.get("call") ?? "", await request.text());
        return new Response(null, { status: 204 });
      case `POST ${WorkerRoutes.messages}`:
        return this.#take(TakeMessages.parse(await request.json()).after);
      case "POST /v1/messages":
        return await this.#model(request, url);
    }
    if (!url.pathname.startsWith(`${WorkerRoutes.git}/`)) return new Response(null, { status: 403 });
    return await serveGit(request, {
      repositoryPath: this.repository.path,
      pathInfo: url.pathname.slice(WorkerRoutes.git.length),
      allowPush: true,
      config: { "transfer.fsckObjects": "true", "receive.denyDeletes": "true" },
    });
  }

  #refuse(violation: string): Response {
    this.violations.push(violation);
    return new Response(violation, { status: 403 });
  }

  async #assignment(after: number, signal: AbortSignal): Promise<Response> {
    // An answer may have been lost: then the worker asks again.
    const isNext = after === this.#turn && (after === 0 || this.#isResting);
    const isRepeat = after === this.#askedAfter && !this.#isResting;
    if (!isNext && !isRepeat) return this.#refuse(`asked for the turn after ${after} in turn ${this.#turn}`);
    const found = () => this.assignments.find(({ turn }) => turn > after);
    while (!found() && this.holds && !signal.aborted) await Bun.sleep(2);
    const assignment = found();
    if (!assignment) return new Response(null, { status: 410 });
    this.#turn = assignment.turn;
    this.#askedAfter = after;
    this.#isResting = false;
    return Response.json(Assignment.parse(assignment));
  }

  #take(after: number): Response {
    if (this.#openResults().length > 0) return this.#refuse("took messages before a result was reported");
    this.takes.push(after);
    for (const message of this.#waiting.splice(0)) {
      this.delivered.push({ n: this.delivered.length + 1, ...message });
      this.#say({ role: "user", content: said(message.text, message.attachments) });
    }
    const messages = this.delivered.filter(({ n }) => n > after);
    return Response.json({ messages } satisfies TakenMessages);
  }

  #say(message: Message): void {
    this.#said.push(message);
  }

  /** Results for the calls that have none, as the coordinator gives them. */
  #openResults(): Message["content"] {
    const results = this.#said.flatMap(({ content }) => content.map((block) => block.tool_use_id));
    return this.#said
      .flatMap(({ role, content }) => (role === "assistant" ? content : []))
      .filter((block) => block.type === "tool_use" && !results.includes(block.id))
      .map(({ id }) => ({ type: "tool_result", tool_use_id: id, content: "interrupted", is_error: true }));
  }

  #append(events: NumberedWorkerEvent[]): Response {
    const first = events[0]?.n ?? 0;
    if (first > this.log.length + 1) {
      return new Response(null, { status: 409, headers: { [ACKNOWLEDGED_HEADER]: String(this.log.length) } });
    }
    for (const event of events) {
      // A test may have the log forget what it had, in the middle of a batch.
      if (event.n !== this.log.length + 1) continue;
      if (this.#isResting) return this.#refuse(`${event.event.type} while resting`);
      this.log.push(event);
      this.#learn(event.event);
      this.onEvent(event.event);
    }
    return Response.json({ acknowledged: this.log.length });
  }

  #learn(event: WorkerEvent): void {
    this.#isResting = ENDS.includes(event.type);
    if (event.type === "assistant.message") this.#say({ role: "assistant", content: event.content });
    if (event.type !== "tool.finished") return;
    const { toolUseId: tool_use_id, content, isError: is_error } = event;
    this.#say({ role: "user", content: [{ type: "tool_result", tool_use_id, content, is_error }] });
  }

  async #inbox(after: number, signal: AbortSignal): Promise<Response> {
    const found = () => this.inbox.filter((item) => item.n > after);
    while (found().length === 0 && !signal.aborted) await Bun.sleep(2);
    return Response.json({ items: found() });
  }

  async #outcome(questionId: string, signal: AbortSignal): Promise<Response> {
    while (!this.outcomes.has(questionId) && !signal.aborted) await Bun.sleep(2);
    return Response.json(this.outcomes.get(questionId) ?? { status: "open" });
  }

  async #model(request: Request, url: URL): Promise<Response> {
    const body = await request.text();
    this.modelRequests.push(JSON.parse(body));
    const headers = new Headers(request.headers);
    headers.delete("authorization");
    headers.delete("host");
    headers.set("x-api-key", MODEL_KEY);
    headers.set("accept-encoding", "identity");
    const { signal } = request;
    const answer = await fetch(`${this.#modelUrl}${url.pathname}${url.search}`, {
      method: "POST",
      headers,
      body,
      signal,
    });
    const reader = answer.body?.getReader();
    // A body that breaks off ends here without its last events. As an error Bun would print it into the tests' output.
    const passed = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const piece = await reader?.read().catch(() => null);
        if (!piece?.value) controller.close();
        else controller.enqueue(piece.value);
      },
    });
    return new Response(passed, { status: answer.status, headers: answer.headers });
  }
}

/** A person's words with what belongs to them, as the coordinator puts them into the conversation. */
export function said(text: string, attachments: readonly Attachment[] = []): Message["content"] {
  return [...attachments.map((it) => ({ type: "farhand_attachment", ...it })), { type: "text", text }];
}

/** What the user says in a row is one message, with the results first. */
function joined(messages: readonly Message[]): Message[] {
  const all: Message[] = [];
  for (const { role, content } of messages) {
    const last = all.at(-1);
    if (role === "user" && last?.role === "user") last.content.push(...content);
    else all.push({ role, content: [...content] });
  }
  const isResult = ({ type }: Message["content"][number]) => type === "tool_result";
  return all.map(({ role, content }) => ({
    role,
    content: [...content.filter(isResult), ...content.filter((block) => !isResult(block))],
  }));
}
