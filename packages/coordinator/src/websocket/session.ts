import { type ClientFrame, CloseCode, PROTOCOL_VERSION, problemType } from "@farhand/protocol";
import type { Authenticator, Identity, Peer } from "../domain/identity.ts";
import type { LiveAnswers } from "../domain/live-answers.ts";
import type { Presence } from "../domain/presence.ts";
import type { EventLog, TaskStore } from "../domain/store.ts";
import { readFrame } from "./client-frame.ts";
import { Outlet, type OutletSocket } from "./outlet.ts";
import { createSubscription, type Subscription } from "./subscription.ts";
import { createTasksSubscription } from "./tasks-subscription.ts";

export interface SessionOptions {
  authenticator: Authenticator;
  tasks: Pick<TaskStore, "get">;
  log: Pick<EventLog, "read" | "follow" | "followTasks">;
  deltas: Pick<LiveAnswers, "follow" | "soFar">;
  /** Which task is in front where. */
  presence: Presence;
  onError: (error: unknown) => void;
  heartbeatMs: number;
  /** How often it is asked whether a connection's sign-in still holds. */
  validityCheckMs: number;
}

/** How the connection came about. */
export interface Origin {
  peer: Peer;
  /** With the cookies of a browser. */
  headers: Headers;
}

/** How long a new connection may take to say who it is. */
const HELLO_TIMEOUT_MS = 10_000;
/** A client that lets so many heartbeats pass in silence is gone. */
const SILENT_HEARTBEATS = 3;

/** One connection, from its opening to its end. */
export class Session {
  readonly #socket: OutletSocket;
  readonly #options: SessionOptions;
  readonly #origin: Origin;
  readonly #outlet: Outlet;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #helloTimer: ReturnType<typeof setTimeout>;
  #tasksSubscription: Subscription | null = null;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #silentHeartbeats = 0;
  #validityCheck: ReturnType<typeof setInterval> | undefined;
  #identity: Identity | null = null;
  #ended = false;
  /** Frames are handled one after the other, in the order in which they came. */
  #tail: Promise<void> = Promise.resolve();

  constructor(socket: OutletSocket, options: SessionOptions, origin: Origin) {
    this.#socket = socket;
    this.#origin = origin;
    this.#options = options;
    this.#outlet = new Outlet(socket);
    this.#helloTimer = setTimeout(
      () => socket.close(CloseCode.unauthorized, "no hello came"),
      HELLO_TIMEOUT_MS,
    );
  }

  receive(raw: string | Buffer): void {
    this.#silentHeartbeats = 0;
    this.#options.presence.seen(this);
    this.#tail = this.#tail
      .then(() => this.#handle(raw))
      .catch((error) => {
        this.#options.onError(error);
        this.#outlet.breakOff();
      });
  }

  drained(): void {
    this.#outlet.drained();
  }

  end(): void {
    this.#ended = true;
    this.#options.presence.look(this, null);
    clearTimeout(this.#helloTimer);
    clearInterval(this.#heartbeat);
    clearInterval(this.#validityCheck);
    for (const subscription of this.#subscriptions.values()) subscription.end();
    this.#subscriptions.clear();
    this.#tasksSubscription?.end();
    this.#outlet.drained();
  }

  async #handle(raw: string | Buffer): Promise<void> {
    if (this.#ended) return;
    const read = readFrame(raw);
    if (read.status === "bad") return this.#socket.close(CloseCode.badFrame, read.reason);
    if (read.status === "unsupported")
      return this.#socket.close(
        CloseCode.unsupportedProtocol,
        `this server speaks protocol ${PROTOCOL_VERSION}`,
      );
    const { frame } = read;
    if (frame.type === "hello") return this.#greet(frame.token);
    if (this.#identity === null) return this.#socket.close(CloseCode.unauthorized, "say hello first");
    return this.#obey(frame, this.#identity);
  }

  /**
   * A client may greet twice, with a newer token, but a connection stays with its user. A browser, whose pages cannot
   * read its cookie, says hello with an empty token and is known by the cookie that it came with.
   */
  async #greet(token: string): Promise<void> {
    const { authenticator, heartbeatMs, validityCheckMs } = this.#options;
    const { headers, peer } = this.#origin;
    const identity =
      token === ""
        ? await authenticator.identify(headers, peer)
        : await authenticator.identifyToken(token, peer);
    if (this.#ended) return;
    if (identity === null) return this.#socket.close(CloseCode.unauthorized, "the token is not known here");
    if (this.#identity !== null && this.#identity.userId !== identity.userId)
      return this.#socket.close(CloseCode.unauthorized, "this connection is another user's");
    clearTimeout(this.#helloTimer);
    this.#identity = identity;
    this.#heartbeat ??= setInterval(() => this.#beat(), heartbeatMs);
    this.#validityCheck ??= setInterval(
      () => void this.#checkValidity().catch(this.#options.onError),
      validityCheckMs,
    );
    this.#outlet.send({ type: "welcome", protocol: PROTOCOL_VERSION });
  }

  /** Somebody who was signed out elsewhere hears nothing more here. */
  async #checkValidity(): Promise<void> {
    if (this.#identity === null || (await this.#options.authenticator.isValid(this.#identity))) return;
    if (!this.#ended) this.#socket.close(CloseCode.unauthorized, "this sign-in has ended");
  }

  #beat(): void {
    if (this.#silentHeartbeats >= SILENT_HEARTBEATS) {
      this.#socket.close(CloseCode.silent, "nothing came from you for too long");
      return;
    }
    this.#silentHeartbeats += 1;
    this.#outlet.send({ type: "heartbeat" });
  }

  async #obey(frame: Exclude<ClientFrame, { type: "hello" }>, identity: Identity): Promise<void> {
    const { userId, sessionId } = identity;
    switch (frame.type) {
      case "looking": {
        const { taskId, deviceId = null } = frame;
        const looking = taskId === null ? null : { userId, sessionId, deviceId, taskId };
        return this.#options.presence.look(this, looking);
      }
      case "ping":
        return this.#outlet.send({ type: "pong" });
      case "subscribe":
        return this.#subscribe(userId, frame);
      case "unsubscribe":
        this.#subscriptions.get(frame.taskId)?.end();
        this.#subscriptions.delete(frame.taskId);
        return;
      case "subscribe_tasks":
        this.#tasksSubscription?.end();
        this.#outlet.send({ type: "subscribed_tasks" });
        this.#tasksSubscription = createTasksSubscription({ ...this.#options, userId, outlet: this.#outlet });
        return;
      case "unsubscribe_tasks":
        this.#tasksSubscription?.end();
        this.#tasksSubscription = null;
        return;
    }
  }

  async #subscribe(
    userId: string,
    { taskId, after, batched }: Extract<ClientFrame, { type: "subscribe" }>,
  ): Promise<void> {
    const task = await this.#options.tasks.get(taskId);
    // It may have closed meanwhile: nobody would ever end a subscription that begins now.
    if (this.#ended) return;
    if (task?.userId !== userId)
      return this.#outlet.send({
        type: "error",
        problem: {
          type: problemType("not_found"),
          title: "There is nothing here",
          status: 404,
          code: "not_found",
          detail: `There is no task ${taskId}.`,
          action: "Check the id; GET /api/tasks lists yours.",
        },
      });
    this.#subscriptions.get(taskId)?.end();
    this.#subscriptions.delete(taskId);
    const status = after <= task.lastSeq ? "ok" : "gap";
    this.#outlet.send({ type: "subscribed", taskId, status, lastSeq: task.lastSeq });
    if (status === "gap") return;
    const { log, deltas, onError } = this.#options;
    const outlet = this.#outlet;
    const subscription = createSubscription({
      taskId,
      after,
      isBatched: batched === true,
      log,
      deltas,
      outlet,
      onError,
    });
    this.#subscriptions.set(taskId, subscription);
  }
}
