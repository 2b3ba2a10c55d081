import type { Attachment, ClientFrame, Problem, ServerFrame, Task, TaskEvent } from "@farhand/protocol";
import { CloseCode, PROTOCOL_VERSION } from "@farhand/protocol/constants";
import type { ServerWebSocket } from "bun";
import { messageIdOf } from "../src/outbox/message-id.ts";
import { makeTask } from "./fake-coordinator.ts";
import { makeEvents } from "./logs.ts";

export interface Asked {
  method: string;
  path: string;
  key: string | null;
  body: Record<string, unknown>;
}

/** What happens to one request in place of its answer. */
export type Fault =
  /** It is done, and the connection breaks before the answer. */
  | "cut-after"
  /** The connection breaks before it is done. */
  | "cut-before"
  | Response;

interface Socket {
  subscriptions: Set<string>;
  followsTasks: boolean;
}

/** Small, so that most logs take several. */
const BATCH = 3;

/** A coordinator that keeps its logs in memory: changes are done once for each key, as by the real one. */
export class FakeServer implements AsyncDisposable {
  readonly asked: Asked[] = [];
  /** The changes that were done, in their order, such as `message:hello`. */
  readonly effects: string[] = [];
  readonly logs = new Map<string, TaskEvent[]>();
  readonly tasks = new Map<string, Task>();
  readonly subscriptions: { taskId: string; after: number }[] = [];
  /** What devices said they look at, in its order. */
  readonly looks: (string | null)[] = [];
  userId = "u1";
  tokens = new Set(["good"]);
  protocol = PROTOCOL_VERSION;
  /** Answers no frame any more. */
  isMute = false;
  /** Sends no event of this seq, so many times. */
  leavesOut: { seq: number; times: number } | null = null;
  connections = 0;
  /** Asked for each change; null lets it be. */
  fault: (asked: Asked) => Fault | null = () => null;
  readonly attachments = new Map<string, Attachment & { bytes: Uint8Array }>();
  /** A page and its script, by path. */
  files: Record<string, { type: string; text: string }> = {};
  readonly #answers = new Map<string, { status: number; body: string }>();
  readonly #sockets = new Set<ServerWebSocket<Socket>>();
  readonly #port: number;
  #server: ReturnType<FakeServer["listen"]> | null;

  constructor() {
    this.#server = this.listen(0);
    this.#port = this.#server.port ?? 0;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Nobody answers here any more. */
  async goAway(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    await server?.stop(true);
  }

  comeBack(): void {
    this.#server ??= this.listen(this.#port);
  }

  /** Kills the connections. */
  drop(): void {
    for (const socket of [...this.#sockets]) socket.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.goAway();
  }

  addTask(number: number, ...bodies: Parameters<typeof makeEvents>[0]): Task {
    const task = makeTask(number, 0);
    this.tasks.set(task.id, task);
    this.logs.set(task.id, []);
    this.append(task.id, ...bodies);
    return this.tasks.get(task.id) ?? task;
  }

  append(taskId: string, ...bodies: Parameters<typeof makeEvents>[0]): void {
    const log = this.logs.get(taskId) ?? [];
    const events = makeEvents(bodies, log.length + 1).map((event) => ({ ...event, taskId }));
    log.push(...events);
    this.logs.set(taskId, log);
    const task = { ...(this.tasks.get(taskId) ?? makeTask(1, 0)), lastSeq: log.length };
    this.tasks.set(taskId, task);
    for (const event of events) this.#tell(taskId, { type: "event", event });
    for (const socket of this.#sockets)
      if (socket.data.followsTasks) this.#send(socket, { type: "task", task });
  }

  delta(taskId: string, messageId: string, text: string, isWhole = false): void {
    const delta = { messageId, index: 0, kind: "text" as const, text };
    this.#tell(taskId, { type: "delta", taskId, delta, ...(isWhole ? { isWhole } : {}) });
  }

  #tell(taskId: string, frame: ServerFrame): void {
    for (const socket of this.#sockets) if (socket.data.subscriptions.has(taskId)) this.#send(socket, frame);
  }

  #send(socket: ServerWebSocket<Socket>, frame: ServerFrame): void {
    if (this.isMute) return;
    if (frame.type === "event" && this.#isLeftOut(frame.event)) return;
    const sent =
      frame.type === "events"
        ? { ...frame, events: frame.events.filter((event) => !this.#isLeftOut(event)) }
        : frame;
    socket.send(JSON.stringify(sent));
  }

  #isLeftOut({ seq }: TaskEvent): boolean {
    if (this.leavesOut?.seq !== seq || this.leavesOut.times === 0) return false;
    this.leavesOut.times -= 1;
    return true;
  }

  private listen(port: number) {
    const fake = this;
    return Bun.serve<Socket>({
      development: false,
      error: () => new Response(null, { status: 500 }),
      port,
      hostname: "127.0.0.1",
      async fetch(request, server) {
        if (new URL(request.url).pathname === "/api/ws") {
          fake.connections += 1;
          const data = { subscriptions: new Set<string>(), followsTasks: false };
          return server.upgrade(request, { data }) ? undefined : new Response("no", { status: 400 });
        }
        return fake.#answer(request);
      },
      websocket: {
        open: (socket) => void fake.#sockets.add(socket),
        close: (socket) => void fake.#sockets.delete(socket),
        message: (socket, message) => fake.#obey(socket, JSON.parse(String(message)) as ClientFrame),
      },
    });
  }

  #obey(socket: ServerWebSocket<Socket>, frame: ClientFrame): void {
    switch (frame.type) {
      case "hello":
        if (this.tokens.has(frame.token)) this.#send(socket, { type: "welcome", protocol: this.protocol });
        else socket.close(CloseCode.unauthorized);
        break;
      case "subscribe":
        this.#subscribe(socket, frame);
        break;
      case "unsubscribe":
        socket.data.subscriptions.delete(frame.taskId);
        break;
      case "subscribe_tasks":
        socket.data.followsTasks = true;
        this.#send(socket, { type: "subscribed_tasks" });
        break;
      case "unsubscribe_tasks":
        socket.data.followsTasks = false;
        break;
      case "looking":
        this.looks.push(frame.taskId);
        break;
      case "ping":
        this.#send(socket, { type: "pong" });
        break;
    }
  }

  #subscribe(
    socket: ServerWebSocket<Socket>,
    { taskId, after, batched }: Extract<ClientFrame, { type: "subscribe" }>,
  ): void {
    this.subscriptions.push({ taskId, after });
    const log = this.logs.get(taskId);
    if (!log) {
      this.#send(socket, { type: "error", problem: problemOf(404, "not_found", "There is no such task.") });
      return;
    }
    const lastSeq = log.length;
    if (after > lastSeq) {
      this.#send(socket, { type: "subscribed", taskId, status: "gap", lastSeq });
      return;
    }
    this.#send(socket, { type: "subscribed", taskId, status: "ok", lastSeq });
    socket.data.subscriptions.add(taskId);
    const batch = batched ? BATCH : 1;
    for (let from = after; from < lastSeq; from += batch) {
      const events = log.slice(from, from + batch);
      if (batched) this.#send(socket, { type: "events", events });
      else for (const event of events) this.#send(socket, { type: "event", event });
    }
  }

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const file = this.files[url.pathname];
    if (file) return new Response(file.text, { headers: { "content-type": file.type } });
    if (url.pathname.startsWith("/api/attachments/")) return this.#takeFile(request, url);
    const text = await request.text();
    const asked: Asked = {
      method: request.method,
      path: url.pathname,
      key: request.headers.get("idempotency-key"),
      body: text === "" ? {} : JSON.parse(text),
    };
    if (asked.path === "/api/health/live")
      return Response.json({ status: "live", version: "9.9.9", protocol: 2 });
    this.asked.push(asked);
    const token = request.headers.get("authorization")?.replace("Bearer ", "") ?? "";
    if (!this.tokens.has(token)) return refusal(401, "unauthorized", "No such token.");
    if (asked.method === "GET") return this.#read(asked);
    const fault = this.fault(asked);
    if (fault instanceof Response) return fault;
    if (fault === "cut-before") return cut();
    const answer = this.#change(asked);
    return fault === "cut-after" ? cut() : answer;
  }

  async #takeFile(request: Request, url: URL): Promise<Response> {
    const id = url.pathname.split("/").at(-1) ?? "";
    const bytes = new Uint8Array(await request.arrayBuffer());
    const asked: Asked = { method: request.method, path: url.pathname, key: null, body: {} };
    this.asked.push(asked);
    const fault = this.fault(asked);
    if (fault instanceof Response) return fault;
    if (fault === "cut-before") return cut();
    const known = this.attachments.get(id);
    if (known && !Bun.deepEquals(known.bytes, bytes)) return refusal(409, "conflict", "Other bytes.");
    const name = url.searchParams.get("name") ?? "";
    const attachment = {
      id,
      name,
      mediaType: request.headers.get("content-type") ?? "",
      sizeBytes: bytes.length,
    };
    this.attachments.set(id, { ...attachment, bytes });
    if (!known) this.effects.push(`file:${name}`);
    return fault === "cut-after" ? cut() : Response.json(attachment, { status: known ? 200 : 201 });
  }

  #read({ path }: Asked): Response {
    if (path === "/api/me")
      return Response.json({ userId: this.userId, login: "ada", name: "Ada", role: "owner", sessionId: "s" });
    if (path === "/api/tasks") {
      const tasks = [...this.tasks.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
      return Response.json({ tasks, nextCursor: null });
    }
    const task = this.tasks.get(path.split("/")[3] ?? "");
    return task ? Response.json(task) : refusal(404, "not_found", "There is no such task.");
  }

  #change(asked: Asked): Response {
    const { method, path, key, body } = asked;
    const request = `${method} ${path} ${JSON.stringify(body)}`;
    const known = this.#answers.get(`${key}`);
    if (known) {
      const isSame = known.body.startsWith(`${request}\n`);
      if (!isSame) return refusal(409, "idempotency_conflict", "This key was used for another request.");
      return new Response(known.body.slice(request.length + 1), { status: known.status });
    }
    const named = (body.attachments ?? []) as string[];
    if (!named.every((id) => this.attachments.has(id)))
      return refusal(422, "attachment_unknown", "An attachment was not uploaded.");
    const answer = this.#do(asked);
    this.#answers.set(`${key}`, { status: 202, body: `${request}\n${JSON.stringify(answer)}` });
    return Response.json(answer, { status: 202 });
  }

  #do({ method, path, key, body }: Asked): unknown {
    const [, , , taskId = "", action = ""] = path.split("/");
    if (taskId === "") {
      this.effects.push(`create:${String(body.prompt)}`);
      return this.addTask(this.tasks.size + 1);
    }
    const task = this.tasks.get(taskId) ?? makeTask(1, 0);
    if (action === "messages" && method === "POST") {
      const messageId = messageIdOf(taskId, key ?? "");
      this.effects.push(`message:${String(body.text)}`);
      this.append(taskId, { type: "message.queued", messageId, text: String(body.text) });
      return { messageId, status: "queued", turn: 1 };
    }
    this.effects.push(`${action}:${JSON.stringify(body)}`);
    if (action === "messages") return { messages: [] };
    if (action === "egress") return { repository: "r", mode: "list", hosts: [] };
    return task;
  }
}

const problemOf = (status: number, code: Problem["code"], detail: string): Problem => ({
  type: `urn:farhand:error:${code}`,
  title: code,
  status,
  code,
  detail,
  action: "Do otherwise.",
});

export const refusal = (
  status: number,
  code: Problem["code"],
  detail: string,
  headers: Record<string, string> = {},
): Response => Response.json(problemOf(status, code, detail), { status, headers });

/** An answer that breaks off before its first byte of text. */
const cut = (): Response =>
  new Response(
    new ReadableStream({
      async pull(controller) {
        await Bun.sleep(1);
        controller.error();
      },
    }),
  );
