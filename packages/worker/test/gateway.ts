import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serveGit } from "@farhand/git-http";
import {
  ACKNOWLEDGED_HEADER,
  Assignment,
  type Delta,
  DeltaBatch,
  EventBatch,
  type InboxItem,
  type NumberedWorkerEvent,
  PROTOCOL_HEADER,
  PROTOCOL_VERSION,
  type WorkerEvent,
  WorkerRoutes,
} from "@farhand/protocol";
import { type Repository, seedRepository } from "./repository.ts";

export const BRANCH = "farhand/mend";
export const MODEL_KEY = "sk-ant-canary-0123456789abcdef";

type EventOf<Type extends WorkerEvent["type"]> = Extract<WorkerEvent, { type: Type }>;

/**
 * A gateway with one task, one bare repository and no rules, over a real unix socket. It is as strict about the
 * protocol as the real one and can be told to misbehave.
 */
export class TestGateway implements AsyncDisposable {
  readonly folder: string;
  readonly socket: string;
  readonly workspace: string;
  readonly repository: Repository;
  readonly token = "attempt-token-canary";
  assignment: Assignment;
  readonly log: NumberedWorkerEvent[] = [];
  readonly deltas: Delta[] = [];
  readonly inbox: InboxItem[] = [];
  /** Model requests, as they came from the worker. */
  readonly modelRequests: unknown[] = [];
  /** Answers a request in place of the gateway when it returns an answer. */
  intercept: (request: Request, path: string) => Response | null | Promise<Response | null> = () => null;
  onEvent: (event: WorkerEvent) => void = () => undefined;
  readonly #modelUrl: string;
  #server: Bun.Server<undefined> | null = null;

  private constructor(folder: string, repository: Repository, modelUrl: string) {
    this.folder = folder;
    this.socket = join(folder, "s");
    this.workspace = join(folder, "workspace");
    this.repository = repository;
    this.#modelUrl = modelUrl;
    this.assignment = {
      protocol: PROTOCOL_VERSION,
      taskId: "t_01j9z3k4m5n6p7q8r9s0t1v2w3",
      attempt: 1,
      turn: 1,
      repository: "https://example.org/o/n",
      model: "claude-sonnet-5-5",
      messages: [],
      prompt: "Mend the sum",
      baseBranch: "main",
      baseCommit: repository.commit,
      branch: BRANCH,
      author: { name: "Farhand", email: "farhand@example.org" },
      limits: {
        maxOutputTokens: 8_000,
        maxModelCalls: 20,
        toolTimeoutMs: 20_000,
        toolOutputBytes: 20_000,
        modelRetries: 3,
      },
    };
  }

  static async start(modelUrl: string): Promise<TestGateway> {
    const folder = await mkdtemp(join(tmpdir(), "fw-"));
    const gateway = new TestGateway(folder, await seedRepository(folder), modelUrl);
    gateway.up();
    return gateway;
  }

  get environment() {
    const { socket, token, workspace } = this;
    return { socket, token, workspace, path: process.env.PATH ?? "" };
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
      fetch: (request, server) => {
        // Held requests are silent for long.
        server.timeout(request, 0);
        return this.#answer(request);
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

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const intercepted = await this.intercept(request, url.pathname);
    if (intercepted) return intercepted;
    if (request.headers.get("authorization") !== `Bearer ${this.token}`)
      return new Response(null, { status: 401 });
    if (request.headers.get(PROTOCOL_HEADER) !== String(PROTOCOL_VERSION))
      return new Response(null, { status: 426 });
    switch (`${request.method} ${url.pathname}`) {
      case `GET ${WorkerRoutes.assignment}`:
        return Response.json(Assignment.parse(this.assignment));
      case `POST ${WorkerRoutes.events}`:
        return this.#append(EventBatch.parse(await request.json()).events);
      case `POST ${WorkerRoutes.deltas}`:
        this.deltas.push(...DeltaBatch.parse(await request.json()).deltas);
        return new Response(null, { status: 204 });
      case `GET ${WorkerRoutes.inbox}`:
        return await this.#inbox(Number(url.searchParams.get("after")), request.signal);
      case "POST /v1/messages":
        return await this.#model(request, url);
    }
    if (!url.pathname.startsWith(`${WorkerRoutes.git}/`)) return new Response(null, { status: 403 });
    return await serveGit(request, {
      repositoryPath: this.repository.path,
      pathInfo: url.pathname.slice(WorkerRoutes.git.length),
      allowPush: true,
    });
  }

  #append(events: NumberedWorkerEvent[]): Response {
    const first = events[0]?.n ?? 0;
    if (first > this.log.length + 1) {
      return new Response(null, { status: 409, headers: { [ACKNOWLEDGED_HEADER]: String(this.log.length) } });
    }
    for (const event of events) {
      if (event.n <= this.log.length) continue;
      this.log.push(event);
      this.onEvent(event.event);
    }
    return Response.json({ acknowledged: this.log.length });
  }

  async #inbox(after: number, signal: AbortSignal): Promise<Response> {
    const found = () => this.inbox.filter((item) => item.n > after);
    while (found().length === 0 && !signal.aborted) await Bun.sleep(2);
    return Response.json({ items: found() });
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
