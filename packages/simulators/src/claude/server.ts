import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { composeAnswer, newId } from "./answer.ts";
import { ApiError } from "./api-error.ts";
import { authenticate, checkVersion, type KeyHeader } from "./authenticate.ts";
import { type Cue, Director } from "./director.ts";
import { eventsOf } from "./events.ts";
import { listModels } from "./model-list.ts";
import { findModel, type Model, modelInfo } from "./models.ts";
import { CUT_AFTER_EVENTS, CUT_SPEECH, type OutageKind, outageRefusal } from "./outage.ts";
import { inputTokens, PromptCache } from "./prompt-cache.ts";
import { type RecordedRequest, safeHeaders } from "./record.ts";
import { readJson } from "./request-body.ts";
import type { MessagesRequest } from "./request-shape.ts";
import { Scenario, type ScenarioInput, type Speech } from "./scenario.ts";
import { builtInScenarios } from "./scenario-files.ts";
import { pause, writeEvents } from "./sse.ts";
import { validateCountTokens, validateMessages } from "./validate.ts";

export type { OutageKind } from "./outage.ts";
export type { RecordedRequest } from "./record.ts";
export type { MessagesRequest } from "./request-shape.ts";
export { Scenario, type ScenarioInput } from "./scenario.ts";

export interface ClaudeSimulatorOptions {
  /** 0, the default, takes a free one. */
  port?: number;
  /** `127.0.0.1` unless told. */
  hostname?: string;
  apiKeys: string[];
  /** `either` unless told. */
  header?: KeyHeader;
  /**
   * What answers a conversation whose first message names no scenario: the name of a file in `scenarios/`, a
   * scenario, or a function. `say-hello` unless told.
   */
  scenario?: string | ScenarioInput | ((request: MessagesRequest) => ScenarioInput);
  /** Factor on every delay of a scenario: 1, the default, is natural, 0 is none. */
  delayFactor?: number;
  /** Time for the prompt cache, in milliseconds since the epoch. */
  now?: () => number;
}

export interface ClaudeSimulator {
  /** Base URL for the SDK, without a slash at the end. */
  url: string;
  /** The last thousand requests, oldest first. */
  requests: RecordedRequest[];
  /** Every request fails in this way from now on, until `null`. `down` also breaks the answers under way. */
  setOutage(kind: OutageKind | null): void;
  [Symbol.asyncDispose](): Promise<void>;
}

const RECORDS_MAX = 1_000;

/** Starts a strict stand-in for the Claude API. Throws when the default scenario is unknown or the port is taken. */
export async function startClaudeSimulator(options: ClaudeSimulatorOptions): Promise<ClaudeSimulator> {
  const scenarios = await builtInScenarios();
  const director = new Director(scenarios, defaultScenario(options.scenario ?? "say-hello", scenarios));
  const cache = new PromptCache(options.now ?? Date.now);
  const requests: RecordedRequest[] = [];
  const shared: Shared = { options, director, cache, requests, outage: null };
  const underWay = new Set<Exchange>();
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const exchange = new Exchange(request, response, shared);
    underWay.add(exchange);
    try {
      await exchange.run();
    } finally {
      underWay.delete(exchange);
    }
  };
  const server = createServer((request, response) => void handle(request, response));
  // A connection that the server closes while it idles can meet the client's next request halfway.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  const hostname = options.hostname ?? "127.0.0.1";
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, hostname, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the simulator has no port");
  return {
    url: `http://${hostname}:${address.port}`,
    requests,
    setOutage: (kind) => {
      shared.outage = kind;
      if (kind === "down") for (const exchange of underWay) exchange.cut();
    },
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function defaultScenario(
  given: NonNullable<ClaudeSimulatorOptions["scenario"]>,
  scenarios: ReadonlyMap<string, Scenario>,
): (request: MessagesRequest) => Scenario {
  if (typeof given === "function") return (request) => Scenario.parse(given(request));
  const scenario = typeof given === "string" ? scenarios.get(given) : Scenario.parse(given);
  if (scenario === undefined) {
    throw new Error(`there is no scenario ${String(given)}: there are ${[...scenarios.keys()].join(", ")}`);
  }
  return () => scenario;
}

interface Shared {
  options: ClaudeSimulatorOptions;
  director: Director;
  cache: PromptCache;
  requests: RecordedRequest[];
  outage: OutageKind | null;
}

/** One request and its answer. */
class Exchange {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #shared: Shared;
  readonly #record: RecordedRequest;
  readonly #gone = new AbortController();
  /** The scenario itself closes the connection. */
  #cut = false;

  constructor(request: IncomingMessage, response: ServerResponse, shared: Shared) {
    this.#request = request;
    this.#response = response;
    this.#shared = shared;
    this.#record = {
      requestId: newId("req_01"),
      method: request.method ?? "",
      path: request.url ?? "",
      headers: safeHeaders(request.headers),
      keyIndex: null,
      body: null,
      status: 0,
      scenario: null,
      turn: null,
      clientLeft: false,
    };
    response.on("close", () => {
      this.#record.clientLeft = !response.writableFinished && !this.#cut;
      this.#gone.abort();
    });
  }

  /** Breaks the connection, whatever was answered so far. */
  cut(): void {
    this.#cut = true;
    this.#request.socket.destroy();
  }

  async run(): Promise<void> {
    const { requests, outage } = this.#shared;
    requests.push(this.#record);
    if (requests.length > RECORDS_MAX) requests.shift();
    if (outage === "down") return this.cut();
    try {
      await this.#route();
    } catch (error) {
      if (this.#response.headersSent) return void this.#response.destroy();
      const known =
        error instanceof ApiError
          ? error
          : new ApiError("api_error", `simulator: ${error instanceof Error ? error.message : "failed"}`);
      this.#json(known.status, known.body(this.#record.requestId), known.headers);
    }
  }

  async #route(): Promise<void> {
    const url = new URL(this.#request.url ?? "/", "http://simulator");
    const route = `${this.#request.method} ${url.pathname}`;
    const model = /^GET \/v1\/models\/([^/]+)$/.exec(route)?.[1];
    const body = this.#request.method === "POST" ? readJson(this.#request) : Promise.resolve(null);
    // The body is read even when the request is refused before; its own error comes after the others.
    body.catch(() => undefined);
    if (!ROUTES.has(route) && model === undefined) {
      await body.catch(() => undefined);
      throw new ApiError("not_found_error", "Not found");
    }
    try {
      this.#record.keyIndex = authenticate(
        this.#request.headers,
        this.#shared.options.apiKeys,
        this.#shared.options.header ?? "either",
      );
      checkVersion(this.#request.headers);
    } catch (error) {
      await body.catch(() => undefined);
      throw error;
    }
    this.#record.body = await body;
    const { outage } = this.#shared;
    const refusal = outage === null ? null : outageRefusal(outage);
    if (refusal !== null) throw refusal;
    if (route === "POST /v1/messages") return await this.#messages();
    if (outage !== null) return this.cut();
    if (route === "POST /v1/messages/count_tokens") {
      const { request } = validateCountTokens(this.#record.body);
      return this.#json(200, { input_tokens: inputTokens(request) });
    }
    if (model === undefined) return this.#json(200, listModels(url.searchParams));
    const found = findModel(decodeURIComponent(model));
    if (found === undefined) throw new ApiError("not_found_error", `model: ${model}`);
    this.#json(200, modelInfo(found));
  }

  async #messages(): Promise<void> {
    const { request, model } = validateMessages(this.#record.body);
    const { director, options, outage } = this.#shared;
    // A broken answer is none: neither the scenario's turns nor its faults are used up by it.
    if (outage !== null) return await this.#break(request, model);
    const cue = director.cue(request);
    this.#record.scenario = cue.scenario;
    this.#record.turn = cue.turn;
    const factor = cue.fixedDelays ? 1 : (options.delayFactor ?? 1);
    await pause(cue.firstByteDelayMs * factor, this.#gone.signal);
    if (cue.refusal !== null) throw cue.refusal;
    const { cutAfterEvents, errorAfterEvents } = cue;
    this.#cut = cutAfterEvents !== null;
    const plan = { chunkDelayMs: cue.chunkDelayMs * factor, cutAfterEvents, errorAfterEvents };
    await this.#answer(request, model, cue.speech, plan);
  }

  async #break(request: MessagesRequest, model: Model): Promise<void> {
    this.#cut = true;
    const plan = { chunkDelayMs: 0, cutAfterEvents: CUT_AFTER_EVENTS, errorAfterEvents: null };
    await this.#answer(request, model, CUT_SPEECH, plan);
  }

  async #answer(
    request: MessagesRequest,
    model: Model,
    speech: Speech,
    plan: Pick<Cue, "chunkDelayMs" | "cutAfterEvents" | "errorAfterEvents">,
  ): Promise<void> {
    const answer = composeAnswer(speech, request, model, this.#shared.cache.use(request, model));
    this.#record.status = 200;
    if (request.stream === true) {
      this.#head(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" });
      const failing = plan.errorAfterEvents;
      const errorAfterEvents = failing && {
        count: failing.count,
        event: { ...failing.error.body(this.#record.requestId), type: "error" },
      };
      const events = eventsOf(answer);
      return await writeEvents(this.#response, { ...plan, events, errorAfterEvents }, this.#gone.signal);
    }
    if (plan.cutAfterEvents !== null) return void this.#response.destroy();
    if (plan.errorAfterEvents !== null) throw plan.errorAfterEvents.error;
    this.#json(200, answer);
  }

  #json(status: number, body: object, headers: Record<string, string> = {}): void {
    if (this.#response.destroyed) return;
    this.#head(status, { "content-type": "application/json", ...headers });
    this.#response.end(JSON.stringify(body));
  }

  #head(status: number, headers: Record<string, string>): void {
    this.#record.status = status;
    this.#response.writeHead(status, {
      "request-id": this.#record.requestId,
      "anthropic-organization-id": "00000000-0000-4000-8000-000000000000",
      ...headers,
    });
  }
}

const ROUTES = new Set(["POST /v1/messages", "POST /v1/messages/count_tokens", "GET /v1/models"]);
