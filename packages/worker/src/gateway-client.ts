import {
  ACKNOWLEDGED_HEADER,
  Assignment,
  type Delta,
  EventAck,
  type InboxItem,
  InboxPage,
  type NumberedWorkerEvent,
  PROTOCOL_HEADER,
  PROTOCOL_VERSION,
  Problem,
  QuestionOutcome,
  SeqCursor,
  TakenMessages,
  WorkerExit,
  WorkerRoutes,
} from "@farhand/protocol";
import { z } from "zod";
import { WorkerStop } from "./failure.ts";

/** Host part of the addresses on the unix socket. It is never resolved. */
export const GATEWAY_ORIGIN = "http://gateway";

/** The gateway did not answer, or said that it cannot now. Trying again later can help. */
export class GatewayAway extends Error {
  override readonly name = "GatewayAway";
}

/** The gateway answered and refused. Trying again cannot help. */
export class GatewayRefusal extends Error {
  override readonly name = "GatewayRefusal";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export type EventsAnswer = { status: "ok" | "gap"; acknowledged: number };

export interface GatewayClientOptions {
  socket: string;
  token: string;
  /** Called when the gateway says that this worker must end: another protocol, or a newer attempt. */
  onStop(stop: WorkerStop): void;
}

const Acknowledged = z.string().transform(Number).pipe(SeqCursor);

/** Every call that a worker makes on the gateway's socket. */
export class GatewayClient {
  readonly #options: GatewayClientOptions;

  constructor(options: GatewayClientOptions) {
    this.#options = options;
  }

  /** Sends one request to the socket with the attempt's token. The answer's body is passed as it comes. */
  async fetch(path: string, init: RequestInit & { decompress?: boolean } = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${this.#options.token}`);
    headers.set(PROTOCOL_HEADER, String(PROTOCOL_VERSION));
    const response = await fetch(`${GATEWAY_ORIGIN}${path}`, {
      ...init,
      headers,
      unix: this.#options.socket,
      // Bun gives up on a silent answer after five minutes. Held requests and long answers are silent.
      timeout: false,
    } as RequestInit);
    const stop = stopFor(response.status);
    if (stop) this.#options.onStop(stop);
    return response;
  }

  /** The task's assignment after that turn, 0 for its first; waits until there is one. */
  async assignment(after: number, signal: AbortSignal): Promise<Assignment> {
    const answer = await this.#call(`${WorkerRoutes.assignment}?after=${after}`, { signal });
    return Assignment.parse(answer.json());
  }

  async postEvents(events: NumberedWorkerEvent[], signal: AbortSignal): Promise<EventsAnswer> {
    const answer = await this.#call(WorkerRoutes.events, { ...json({ events }), signal }, [409]);
    if (answer.status === 409) {
      return { status: "gap", acknowledged: Acknowledged.parse(answer.headers.get(ACKNOWLEDGED_HEADER)) };
    }
    return { status: "ok", acknowledged: EventAck.parse(answer.json()).acknowledged };
  }

  async postDeltas(deltas: Delta[], signal: AbortSignal): Promise<void> {
    await this.#call(WorkerRoutes.deltas, { ...json({ deltas }), signal });
  }

  async inbox(after: number, signal: AbortSignal): Promise<InboxItem[]> {
    const answer = await this.#call(`${WorkerRoutes.inbox}?after=${after}`, { signal });
    return InboxPage.parse(answer.json()).items;
  }

  /** Has the messages that wait delivered. @returns those numbered above `after`. */
  async takeMessages(after: number, signal: AbortSignal): Promise<TakenMessages["messages"]> {
    const answer = await this.#call(WorkerRoutes.messages, { ...json({ after }), signal });
    return TakenMessages.parse(answer.json()).messages;
  }

  /** The bytes of an attachment; null where the server has it no more. */
  async attachment(id: string, signal: AbortSignal): Promise<Uint8Array | null> {
    const answer = await this.#call(`${WorkerRoutes.attachment}?id=${id}`, { signal }, [404]);
    return answer.status === 404 ? null : answer.bytes;
  }

  /** Has a tool's whole output kept. @throws GatewayRefusal where the server has no room for it */
  async putOutput(toolUseId: string, text: string, signal: AbortSignal): Promise<void> {
    const path = `${WorkerRoutes.output}?call=${encodeURIComponent(toolUseId)}`;
    const headers = { "content-type": "text/plain; charset=utf-8" };
    await this.#call(path, { method: "PUT", headers, body: text, signal });
  }

  /** How a question of the agent's stands; held open while nobody has answered it. */
  async questionOutcome(questionId: string, signal: AbortSignal): Promise<QuestionOutcome> {
    const path = `${WorkerRoutes.answer}?question=${encodeURIComponent(questionId)}`;
    const answer = await this.#call(path, { signal });
    return QuestionOutcome.parse(answer.json());
  }

  /**
   * @param expected statuses of refusals that the caller reads itself
   * @throws GatewayAway when there is no whole answer or it is a passing trouble.
   */
  async #call(
    path: string,
    init: RequestInit & { signal: AbortSignal },
    expected: readonly number[] = [],
  ): Promise<Answer> {
    let response: Response;
    let bytes: Uint8Array;
    try {
      response = await this.fetch(path, init);
      bytes = new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      init.signal.throwIfAborted();
      throw new GatewayAway("the gateway does not answer", { cause: error });
    }
    const { status, headers } = response;
    const text = () => new TextDecoder().decode(bytes);
    const stop = stopFor(status);
    if (stop) throw stop;
    if (status >= 500 || status === 429) throw new GatewayAway(refusalMessage(status, text()));
    if (!response.ok && !expected.includes(status))
      throw new GatewayRefusal(status, refusalMessage(status, text()));
    return { status, headers, bytes, json: () => JSON.parse(text()) };
  }
}

interface Answer {
  status: number;
  headers: Headers;
  bytes: Uint8Array;
  json(): unknown;
}

function json(body: unknown): RequestInit {
  return { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

function stopFor(status: number): WorkerStop | null {
  switch (status) {
    case 410:
      return new WorkerStop(WorkerExit.stale, "a newer attempt of this task has taken over");
    case 426:
      return new WorkerStop(
        WorkerExit.unsupportedProtocol,
        `the gateway does not speak protocol ${PROTOCOL_VERSION}: build the worker and the coordinator from one version`,
      );
    default:
      return null;
  }
}

function refusalMessage(status: number, text: string): string {
  const problem = Problem.safeParse(parseJson(text));
  return problem.success ? problem.data.detail : `the gateway answered ${status}: ${text.slice(0, 200)}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
