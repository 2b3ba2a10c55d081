import { LLMock } from "@copilotkit/aimock";
import { type ScenarioInput, startClaudeSimulator } from "@farhand/simulators/claude";
import { MODEL_KEY } from "./gateway.ts";

export type ErrorType =
  | "rate_limit_error"
  | "overloaded_error"
  | "api_error"
  | "invalid_request_error"
  | "not_found_error"
  | "permission_error";

const STATUS: Record<ErrorType, number> = {
  invalid_request_error: 400,
  permission_error: 403,
  not_found_error: 404,
  rate_limit_error: 429,
  api_error: 500,
  overloaded_error: 529,
};

/** What the model does with one request. */
export type Step =
  | { text?: string; thinking?: string; toolUses?: { name: string; input: Record<string, unknown> }[] }
  | { error: ErrorType; message?: string; retryAfterSeconds?: number }
  | { cutAfterEvents: number };

export interface ModelDouble extends AsyncDisposable {
  url: string;
}

/** A stand-in for the Claude API that answers the requests of one conversation, one step after the other. */
export interface ModelKind {
  name: string;
  start(steps: Step[]): Promise<ModelDouble>;
}

export const simulator: ModelKind = {
  name: "our Claude simulator",
  async start(steps) {
    const turns: ScenarioInput["turns"] = [];
    let faults: NonNullable<ScenarioInput["turns"][number]["faults"]> = [];
    for (const step of steps) {
      if ("error" in step || "cutAfterEvents" in step) faults.push(step);
      else {
        turns.push({ ...step, faults });
        faults = [];
      }
    }
    if (faults.length > 0) turns.push({ text: "Never said.", faults });
    return await startScenario(turns);
  },
};

/** Starts our simulator with a scenario of its own, for what only it can do. */
export async function startScenario(turns: ScenarioInput["turns"]): Promise<ModelDouble> {
  const scenario: ScenarioInput = { name: "test", description: "A test's own.", turns };
  return await startClaudeSimulator({ apiKeys: [MODEL_KEY], scenario, delayFactor: 0 });
}

export const aimock: ModelKind = {
  name: "aimock",
  async start(steps) {
    const mock = new LLMock({ port: 0 });
    let served = 0;
    for (const [index, step] of steps.entries()) {
      mock.addFixture({
        match: { predicate: () => served === index },
        response: () => {
          served += 1;
          return aimockResponse(step);
        },
        ...("cutAfterEvents" in step && { truncateAfterChunks: step.cutAfterEvents }),
      });
    }
    const url = await mock.start();
    return { url, [Symbol.asyncDispose]: () => mock.stop() };
  },
};

function aimockResponse(step: Step) {
  if ("error" in step) {
    const { error: type, message = "simulated", retryAfterSeconds } = step;
    return {
      error: { message, type },
      status: STATUS[type],
      ...(retryAfterSeconds !== undefined && { retryAfter: retryAfterSeconds }),
    };
  }
  if ("cutAfterEvents" in step)
    return { content: "This will never be said to its end, however long it gets." };
  const reasoning = step.thinking === undefined ? {} : { reasoning: step.thinking };
  const toolCalls = step.toolUses?.map(({ name, input }) => ({ name, arguments: JSON.stringify(input) }));
  if (!toolCalls) return { content: step.text ?? "", ...reasoning };
  return { content: step.text ?? "", toolCalls, ...reasoning };
}
