import { createHash } from "node:crypto";
import { ApiError, type ApiErrorType, invalid } from "./api-error.ts";
import { seenIn } from "./check-images.ts";
import { FaultCounter } from "./faults.ts";
import { instructionOf, type Marker, withParameters } from "./marker.ts";
import type { MessagesRequest } from "./request-shape.ts";
import { type Fault, type Scenario, type Speech, turnAt } from "./scenario.ts";

/** What is to happen to one request. */
export interface Cue {
  scenario: string;
  turn: number;
  speech: Speech;
  firstByteDelayMs: number;
  chunkDelayMs: number;
  fixedDelays: boolean;
  /** Answered in place of the speech. */
  refusal: ApiError | null;
  cutAfterEvents: number | null;
  errorAfterEvents: { count: number; error: ApiError } | null;
}

const MESSAGES: Record<ApiErrorType, string> = {
  invalid_request_error: "simulator: this request is refused by its scenario",
  authentication_error: "invalid x-api-key",
  permission_error: "Your API key does not have permission to use the specified resource.",
  not_found_error: "Not found",
  request_too_large: "Request exceeds the maximum allowed number of bytes.",
  rate_limit_error: "This request would exceed your organization's rate limit. Please try again later.",
  api_error: "Internal server error",
  overloaded_error: "Overloaded",
};

/** Chooses scenario, turn and fault for each request. */
export class Director {
  readonly #scenarios: ReadonlyMap<string, Scenario>;
  readonly #default: (request: MessagesRequest) => Scenario;
  readonly #faults = new FaultCounter();

  constructor(scenarios: ReadonlyMap<string, Scenario>, fallback: (request: MessagesRequest) => Scenario) {
    this.#scenarios = scenarios;
    this.#default = fallback;
  }

  cue(request: MessagesRequest): Cue {
    const { marker, text, answers: index } = instructionOf(request);
    const scenario = this.#scenarioFor(marker, request);
    const turn = turnAt(scenario, index);
    const conversation = createHash("sha256").update(text).digest("base64url");
    const fault = this.#faults.next(`${scenario.name} ${index} ${conversation}`, turn);
    const speech: Speech = fault !== null && "instead" in fault ? fault.instead : turn;
    return {
      scenario: scenario.name,
      turn: index,
      speech,
      firstByteDelayMs: speech.firstByteDelayMs ?? scenario.firstByteDelayMs,
      chunkDelayMs: speech.chunkDelayMs ?? scenario.chunkDelayMs,
      fixedDelays: scenario.fixedDelays,
      ...troubleOf(fault),
    };
  }

  #scenarioFor(marker: Marker | null, request: MessagesRequest): Scenario {
    if (marker === null) return withParameters(this.#default(request), {}, seenIn(request));
    const scenario = this.#scenarios.get(marker.name);
    if (scenario === undefined) throw invalid(`simulator: there is no scenario ${marker.name}`);
    return withParameters(scenario, marker.values, seenIn(request));
  }
}

function troubleOf(fault: Fault | null): Pick<Cue, "refusal" | "cutAfterEvents" | "errorAfterEvents"> {
  const none = { refusal: null, cutAfterEvents: null, errorAfterEvents: null };
  if (fault === null || "instead" in fault) return none;
  if ("cutAfterEvents" in fault) return { ...none, cutAfterEvents: fault.cutAfterEvents };
  if ("errorEvent" in fault) {
    const error = new ApiError(fault.errorEvent, MESSAGES[fault.errorEvent]);
    return { ...none, errorAfterEvents: { count: fault.afterEvents, error } };
  }
  const headers: Record<string, string> =
    fault.retryAfterSeconds === undefined ? {} : { "retry-after": String(fault.retryAfterSeconds) };
  return { ...none, refusal: new ApiError(fault.error, fault.message ?? MESSAGES[fault.error], headers) };
}
