import { describe, expect, test } from "bun:test";
import { startClaudeSimulator } from "@farhand/simulators/claude";
import { Door, KEY } from "../test/fixture.ts";

const headers = { "anthropic-version": "2023-06-01", "content-type": "application/json", "x-api-key": "one" };
const request = {
  model: "claude-sonnet-5-5",
  max_tokens: 100,
  messages: [{ role: "user", content: "Hello" }],
};

describe("the model, as its simulator speaks", () => {
  test("answers through the gateway, whole or streamed, and both are counted alike", async () => {
    await using claude = await startClaudeSimulator({ apiKeys: [KEY], delayFactor: 0 });
    await using door = await Door.open({ baseUrl: claude.url, apiKey: KEY });
    const ask = (body: object) => door.post("/v1/messages?beta=true", body, { headers });

    const whole = await ask(request);
    expect(whole.status).toBe(200);
    const { usage } = (await whole.json()) as { usage: { input_tokens: number; output_tokens: number } };
    const streamed = await ask({ ...request, stream: true });
    const received = await streamed.text();
    expect(received).toContain("event: message_stop");
    expect(door.ports.calls).toHaveLength(2);
    for (const call of door.ports.calls) {
      expect(call.model).toBe(request.model);
      expect(call.usage).toMatchObject({
        inputTokens: usage.input_tokens,
        outputTokens: usage.output_tokens,
      });
    }
    expect(usage.output_tokens).toBeGreaterThan(0);
    expect((await door.fetch("/v1/models", { headers })).status).toBe(200);
    const counted = await door.post(
      "/v1/messages/count_tokens",
      { ...request, max_tokens: undefined },
      { headers },
    );
    expect(await counted.json()).toEqual({ input_tokens: expect.any(Number) });
    expect(door.ports.calls).toHaveLength(2);
    expect(JSON.stringify(claude.requests)).not.toContain("Bearer one");
  });

  test("refuses a wrong key in words that reach the worker without it", async () => {
    await using claude = await startClaudeSimulator({ apiKeys: ["another-key"] });
    await using door = await Door.open({ baseUrl: claude.url, apiKey: KEY });
    const response = await door.post("/v1/messages", request, { headers });
    expect(response.status).toBe(401);
    const text = await response.text();
    expect(text).toContain("authentication_error");
    expect(text).not.toContain(KEY);
  });

  test("goes to a service that wants a bearer token as one, and nowhere as x-api-key", async () => {
    await using claude = await startClaudeSimulator({ apiKeys: [KEY], header: "bearer" });
    await using door = await Door.open({ baseUrl: claude.url, apiKey: KEY, isBearer: true });
    const response = await door.post("/v1/messages", request, { headers });
    expect(response.status).toBe(200);
    expect(claude.requests[0]?.headers).toMatchObject({ authorization: expect.any(String) });
    expect(Object.keys(claude.requests[0]?.headers ?? {})).not.toContain("x-api-key");
    await using wrong = await Door.open({ baseUrl: claude.url, apiKey: KEY });
    expect((await wrong.post("/v1/messages", request, { headers })).status).toBe(401);
  });

  test("is counted as far as it got when it breaks off", async () => {
    await using claude = await startClaudeSimulator({
      apiKeys: [KEY],
      scenario: "cut-mid-stream",
      delayFactor: 0,
    });
    await using door = await Door.open({ baseUrl: claude.url, apiKey: KEY });
    const response = await door.post("/v1/messages", { ...request, stream: true }, { headers });
    await expect(response.text()).rejects.toThrow();
    expect(door.ports.calls).toHaveLength(1);
    expect(door.ports.calls[0]?.usage.inputTokens).toBeGreaterThan(0);
  });
});
