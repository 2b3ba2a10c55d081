import { describe, expect, test } from "bun:test";
import { AnthropicError, APIConnectionError, APIError } from "@anthropic-ai/sdk";
import { BadAnswer, decide, describeModelError, LONGEST_WAIT_MS, retryAfterMs } from "./model-errors.ts";

const NOW = new Date("2026-01-01T00:00:00Z");

function http(
  status: number,
  type: string,
  headers: Record<string, string> = {},
  message = "the API's sentence",
) {
  const body = { type: "error", error: { type, message } };
  return describeModelError(APIError.generate(status, body, undefined, new Headers(headers)), NOW);
}

function decision(trouble: ReturnType<typeof http>, retries = 0) {
  return decide(trouble, { model: "claude-x", retries, maxRetries: 3, random: () => 0 });
}

describe("a call that may work later is tried again", () => {
  test.each([
    [408, "timeout_error"],
    [409, "conflict_error"],
    [429, "rate_limit_error"],
    [500, "api_error"],
    [502, "api_error"],
    [503, "api_error"],
    [504, "timeout_error"],
    [529, "overloaded_error"],
  ])("after status %d", (status, type) => {
    expect(decision(http(status, type))).toMatchObject({ action: "retry", delayMs: 500 });
  });

  test.each(["overloaded_error", "rate_limit_error", "api_error"] as const)(
    "after %s in mid-stream",
    (type) => {
      const error = new APIError(
        undefined,
        { error: { type, message: "m" } },
        undefined,
        new Headers(),
        type,
      );
      expect(decision(describeModelError(error, NOW)).action).toBe("retry");
    },
  );

  test("after a lost connection, a cut stream and an answer that cannot be read", () => {
    const unreadable = new AnthropicError("Unable to parse tool parameter JSON from model.");
    const cut = new AnthropicError("stream ended without producing a Message");
    const lost = new APIConnectionError({ cause: new Error("socket gone") });
    for (const error of [unreadable, cut, lost, new BadAnswer("no")]) {
      expect(decision(describeModelError(error, NOW)).action).toBe("retry");
    }
  });

  test("each time after a longer wait", () => {
    const waits = [0, 1, 2].map((retries) => decision(http(529, "overloaded_error"), retries));
    expect(waits).toMatchObject([{ delayMs: 500 }, { delayMs: 1_000 }, { delayMs: 2_000 }]);
  });

  test("no sooner than the API asks", () => {
    expect(decision(http(429, "rate_limit_error", { "retry-after": "7" }))).toMatchObject({ delayMs: 7_000 });
    expect(decision(http(429, "rate_limit_error", { "retry-after": "0" }))).toMatchObject({ delayMs: 500 });
  });
});

describe("the turn fails", () => {
  const failure = (trouble: ReturnType<typeof http>, retries = 0) => {
    const decided = decision(trouble, retries);
    return decided.action === "fail" ? decided.failure : null;
  };

  test.each([
    [400, "invalid_request_error", "model_request_refused"],
    [413, "request_too_large", "model_request_refused"],
    [401, "authentication_error", "model_key_refused"],
    [402, "billing_error", "model_key_refused"],
    [403, "permission_error", "model_key_refused"],
    [404, "not_found_error", "model_unknown"],
  ])("at once at status %d", (status, type, code) => {
    expect(failure(http(status, type))).toMatchObject({ code, retryable: false });
    expect(failure(http(status, type))?.message).toContain("the API's sentence");
    expect(failure(http(status, type))?.action).not.toBe("");
  });

  test("when the retries are used up, as what stood in the way", () => {
    const bad = describeModelError(new BadAnswer("not JSON"), NOW);
    expect(failure(http(529, "overloaded_error"), 3)).toMatchObject({
      code: "model_overloaded",
      retryable: true,
    });
    expect(failure(http(500, "api_error"), 3)).toMatchObject({ code: "model_unreachable", retryable: true });
    expect(failure(bad, 3)).toMatchObject({ code: "model_bad_answer", retryable: true });
  });

  test("when the API asks for a longer wait than anyone has", () => {
    const seconds = LONGEST_WAIT_MS / 1_000 + 1;
    expect(failure(http(429, "rate_limit_error", { "retry-after": String(seconds) }))?.message).toContain(
      "11 minutes",
    );
  });

  test("in the gateway's own words when the gateway refused", () => {
    const problem = {
      type: "t",
      title: "t",
      status: 403,
      code: "policy",
      detail: "not from here",
      action: "do without",
    };
    const error = APIError.generate(403, problem, undefined, new Headers());
    expect(failure(describeModelError(error, NOW))).toEqual({
      code: "policy",
      message: "not from here",
      action: "do without",
      retryable: false,
    });
  });
});

test("retry-after is read in seconds, in milliseconds and as a date, and nonsense is ignored", () => {
  const read = (headers: Record<string, string>) => retryAfterMs(new Headers(headers), NOW);
  expect(read({ "retry-after": "1.5" })).toBe(1_500);
  expect(read({ "retry-after-ms": "20", "retry-after": "9" })).toBe(20);
  expect(read({ "retry-after": "Thu, 01 Jan 2026 00:00:30 GMT" })).toBe(30_000);
  expect(read({ "retry-after": "Wed, 31 Dec 2025 00:00:00 GMT" })).toBe(0);
  expect(read({ "retry-after": "soon" })).toBeNull();
  expect(read({ "retry-after": "-3" })).toBeNull();
  expect(read({})).toBeNull();
  expect(retryAfterMs(undefined, NOW)).toBeNull();
});
