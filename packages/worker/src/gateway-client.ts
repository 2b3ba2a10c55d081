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
  SeqCursor,
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

  async assignment(signal: AbortSignal): Promise<Assignment> {
    const response = await this.#call(WorkerRoutes.assignment, { signal });
    if (!response.ok) throw await refusal(response);
    return Assignment.parse(await response.json());
  }

  async postEvents(events: NumberedWorkerEvent[], signal: AbortSignal): Promise<EventsAnswer> {
    const response = await this.#call(WorkerRoutes.events, { ...json({ events }), signal });
    if (response.status === 409) {
      await response.arrayBuffer();
      return { status: "gap", acknowledged: Acknowledged.parse(response.headers.get(ACKNOWLEDGED_HEADER)) };
    }
    if (!response.ok) throw await refusal(response);
    return { status: "ok", acknowledged: EventAck.parse(await response.json()).acknowledged };
  }

  async postDeltas(deltas: Delta[], signal: AbortSignal): Promise<void> {
    const response = await this.#call(WorkerRoutes.deltas, { ...json({ deltas }), signal });
    await response.arrayBuffer();
  }

  async inbox(after: number, signal: AbortSignal): Promise<InboxItem[]> {
    const response = await this.#call(`${WorkerRoutes.inbox}?after=${after}`, { signal });
    if (!response.ok) throw await refusal(response);
    return InboxPage.parse(await response.json()).items;
  }

  /** @throws GatewayAway when nobody answers or the answer is a passing trouble. */
  async #call(path: string, init: RequestInit & { signal: AbortSignal }): Promise<Response> {
    let response: Response;
    try {
      response = await this.fetch(path, init);
    } catch (error) {
      init.signal.throwIfAborted();
      throw new GatewayAway("the gateway does not answer", { cause: error });
    }
    const stop = stopFor(response.status);
    if (stop) throw stop;
    if (response.status >= 500 || response.status === 429) {
      throw new GatewayAway((await refusal(response)).message);
    }
    return response;
  }
}

function json(body: unknown): RequestInit {
  return { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

function stopFor(status: number): WorkerStop | null {
  switch (status) {
    case 410:
      return new WorkerStop(WorkerExit.stale, "a newer attempt of this task has taken over", 0);
    case 426:
      return new WorkerStop(
        WorkerExit.unsupportedProtocol,
        `the gateway does not speak protocol ${PROTOCOL_VERSION}: build the worker and the coordinator from one version`,
        0,
      );
    default:
      return null;
  }
}

async function refusal(response: Response): Promise<GatewayRefusal> {
  const text = await response.text();
  const problem = Problem.safeParse(parseJson(text));
  return new GatewayRefusal(
    response.status,
    problem.success ? problem.data.detail : `the gateway answered ${response.status}: ${text.slice(0, 200)}`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
