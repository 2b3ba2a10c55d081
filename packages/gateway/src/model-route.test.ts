import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { Problem } from "@farhand/protocol";
import { Door, KEY, problemIn, TASK, until } from "../test/fixture.ts";
import { LiveStream, Upstream } from "../test/upstream.ts";

let upstream: Upstream;
let door: Door;
beforeEach(async () => {
  upstream = new Upstream();
  door = await Door.open({ baseUrl: `${upstream.url}/`, apiKey: KEY });
});
afterEach(async () => {
  await door[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

const request = { model: "claude-sonnet-5-5", max_tokens: 10, messages: [{ role: "user", content: "hi" }] };
const start = {
  type: "message_start",
  message: {
    model: "claude-sonnet-5-5",
    usage: { input_tokens: 12, output_tokens: 1, cache_read_input_tokens: 5 },
  },
};
const usage = {
  inputTokens: 12,
  outputTokens: 1,
  cacheCreationInputTokens: 0,
  cacheReadInputTokens: 5,
  longCacheTokens: 0,
};

async function errorIn(response: Response): Promise<{ type: string; message: string }> {
  const body = (await response.json()) as { type: string; error: { type: string; message: string } };
  expect(body.type).toBe("error");
  return body.error;
}

async function firstPiece(response: Response) {
  const reader = response.body?.getReader();
  if (reader === undefined) throw new Error("the answer has no body");
  const { value } = await reader.read();
  return { reader, text: new TextDecoder().decode(value) };
}

describe("a model call on its way out", () => {
  test("carries the key in place of the token, and only the headers that the API needs", async () => {
    await door.post("/v1/messages?beta=true", request, {
      headers: {
        "x-api-key": "one",
        "content-type": "application/json",
        "anthropic-version": "2023-06-01",
        "anthropic-beta": "some-beta",
        accept: "text/event-stream",
        cookie: "a=b",
        "user-agent": "worker",
        "x-stainless-lang": "js",
        "x-farhand-protocol": "1",
        "x-forwarded-for": "10.0.0.1",
      },
    });
    const [asked] = upstream.asked;
    expect(asked).toMatchObject({ method: "POST", path: "/v1/messages?beta=true" });
    expect(JSON.parse(asked?.body ?? "")).toEqual(request);
    const { host, connection, "content-length": length, ...headers } = asked?.headers ?? {};
    expect(headers).toEqual({
      "x-api-key": KEY,
      "content-type": "application/json",
      "anthropic-version": "2023-06-01",
      "anthropic-beta": "some-beta",
      accept: "text/event-stream",
      "accept-encoding": "identity",
      "user-agent": "farhand-gateway",
    });
    expect([host, connection, length]).not.toContain(undefined);
  });

  test("may authenticate as an SDK does, by x-api-key", async () => {
    const response = await door.fetch("/v1/models", { token: null, headers: { "x-api-key": "one" } });
    expect(response.status).toBe(200);
    expect(upstream.asked[0]?.headers["x-api-key"]).toBe(KEY);
  });

  test.each(["?beta=false", "?beta=true&x=1", "?limit=1", "?key=1"])(
    "may not have the query %j",
    async (query) => {
      const response = await door.post(`/v1/messages${query}`, request);
      expect(Problem.parse(await response.json()).code).toBe("policy");
      expect(upstream.asked).toEqual([]);
    },
  );

  test("may not use the API's servers to reach the network", async () => {
    const response = await door.post("/v1/messages", { ...request, tools: [{ type: "web_fetch_20260318" }] });
    const problem = Problem.parse(await response.json());
    expect([problem.status, problem.code]).toEqual([403, "policy"]);
    expect(problem.detail).toContain("web_fetch");
    expect(upstream.asked).toEqual([]);
  });

  test("says one thing only, also when a key is given twice", async () => {
    await door.fetch("/v1/messages", {
      method: "POST",
      body: '{"mcp_servers":[{"type":"url","url":"https://example.org"}],"mcp_servers":[]}',
    });
    expect(upstream.asked[0]?.body).toBe('{"mcp_servers":[]}');
  });

  test("is refused while its user has no key, and says how to add one", async () => {
    await using keyless = await Door.open(null);
    const response = await keyless.post("/v1/messages", request);
    expect(response.status).toBe(401);
    const problem = await problemIn(response);
    expect(problem.code).toBe("model_key_missing");
    expect(problem.action).toContain("farhand keys add model");
    expect(problem.action).toContain("ANTHROPIC_API_KEY");
    expect(upstream.asked).toEqual([]);
  });

  test("to an API that cannot be reached ends with an api_error", async () => {
    await upstream[Symbol.asyncDispose]();
    const response = await door.post("/v1/messages", request);
    expect(response.status).toBe(502);
    expect((await errorIn(response)).type).toBe("api_error");
  });

  test("does not follow a redirect", async () => {
    upstream.answer = () =>
      new Response(null, { status: 307, headers: { location: `${upstream.url}/elsewhere` } });
    const response = await door.post("/v1/messages", request);
    expect(response.status).toBe(502);
    expect((await errorIn(response)).message).toContain("redirect");
    expect(upstream.asked).toHaveLength(1);
  });
});

describe("a model's answer on its way back", () => {
  test("keeps its status, its body, and of its headers only those that a client needs", async () => {
    upstream.answer = () =>
      Response.json(
        { type: "error", error: { type: "overloaded_error", message: "Overloaded" } },
        {
          status: 529,
          headers: {
            "request-id": "req_1",
            "retry-after": "3",
            "retry-after-ms": "2500",
            "anthropic-ratelimit-requests-remaining": "7",
            "anthropic-organization-id": "org",
            "set-cookie": "a=b",
            server: "x",
          },
        },
      );
    const response = await door.post("/v1/messages", request);
    expect(response.status).toBe(529);
    expect(response.headers.get("request-id")).toBe("req_1");
    expect(response.headers.get("retry-after")).toBe("3");
    expect(response.headers.get("retry-after-ms")).toBe("2500");
    expect(response.headers.get("anthropic-ratelimit-requests-remaining")).toBe("7");
    for (const name of ["anthropic-organization-id", "set-cookie", "server"]) {
      expect(response.headers.get(name)).toBeNull();
    }
    expect((await errorIn(response)).message).toBe("Overloaded");
    expect(door.ports.calls).toEqual([]);
  });

  test("is not buffered: each piece arrives while the next is not written yet", async () => {
    const live = new LiveStream();
    upstream.answer = () => live.response;
    live.event(start);
    const response = await door.post("/v1/messages", { ...request, stream: true });
    const { reader, text } = await firstPiece(response);
    expect(text).toContain("message_start");
    live.write("data: second\n\n");
    expect(new TextDecoder().decode((await reader.read()).value)).toBe("data: second\n\n");
    live.event({ type: "message_delta", usage: { output_tokens: 77 } });
    live.end();
    while (!(await reader.read()).done);
    expect(door.ports.calls).toEqual([
      {
        claim: { taskId: TASK, attempt: 1 },
        model: "claude-sonnet-5-5",
        usage: { ...usage, outputTokens: 77 },
        isEstimated: false,
      },
    ]);
  });

  test("in JSON is counted once", async () => {
    upstream.answer = () =>
      Response.json({ model: "claude-haiku-5", usage: { input_tokens: 3, output_tokens: 4 }, content: [] });
    await (await door.post("/v1/messages", request)).json();
    expect(door.ports.calls.map((call) => [call.model, call.usage.outputTokens])).toEqual([
      ["claude-haiku-5", 4],
    ]);
  });

  test("that only counts tokens or lists models is not counted", async () => {
    upstream.answer = () => Response.json({ input_tokens: 12 });
    await (await door.post("/v1/messages/count_tokens", request)).json();
    upstream.answer = () => Response.json({ data: [{ id: "claude-sonnet-5-5" }] });
    await (await door.fetch("/v1/models")).json();
    expect(door.ports.calls).toEqual([]);
  });

  test("that the API cuts midway reaches the worker as cut, and counts with what was known", async () => {
    const live = new LiveStream();
    upstream.answer = () => live.response;
    live.event(start);
    const { reader } = await firstPiece(await door.post("/v1/messages", request));
    live.break();
    await expect(reader.read()).rejects.toThrow();
    await until(() => door.ports.calls.length > 0);
    expect(door.ports.calls.map((call) => call.usage)).toEqual([usage]);
  });

  test("that an error event ends is counted as far as it got", async () => {
    const live = new LiveStream();
    upstream.answer = () => live.response;
    live.event(start);
    live.event({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } });
    live.end();
    expect(await (await door.post("/v1/messages", request)).text()).toContain("overloaded_error");
    expect(door.ports.calls.map((call) => call.usage)).toEqual([usage]);
  });

  test("is asked for no longer once the worker has gone, where it costs nothing", async () => {
    const gone = Promise.withResolvers<void>();
    upstream.answer = (asked) => {
      asked.signal.addEventListener("abort", () => gone.resolve());
      return new Promise<Response>(() => undefined);
    };
    const abort = new AbortController();
    const call = door
      .post("/v1/messages/count_tokens", request, { signal: abort.signal })
      .catch(() => "gone");
    await until(() => upstream.asked.length === 1);
    abort.abort();
    expect(await call).toBe("gone");
    await gone.promise;
  });

  test("is refused as policy when the turn is over before its first byte", async () => {
    upstream.answer = () => new Promise<Response>(() => undefined);
    const call = door.post("/v1/messages", request);
    await until(() => upstream.asked.length === 1);
    door.ports.isResting = true;
    const problem = Problem.parse(await (await call).json());
    expect([problem.status, problem.code]).toEqual([403, "policy"]);
    expect(problem.detail).toContain("The turn is over");
  });
});

describe("the key", () => {
  const echo = `no such key: ${KEY}`;
  const answers: [string, () => Response][] = [
    ["an error's body", () => Response.json({ type: "error", error: { message: echo } }, { status: 401 })],
    ["an error page", () => new Response(`<html>${echo}</html>`, { status: 500 })],
    ["a header", () => Response.json({}, { headers: { "request-id": KEY, "anthropic-ratelimit-x": KEY } })],
    ["a good answer", () => Response.json({ content: echo })],
    [
      "a stream that splits it",
      () => {
        const live = new LiveStream();
        live.write(`data: ${KEY.slice(0, 9)}`);
        setTimeout(() => {
          live.write(`${KEY.slice(9)}\n\n`);
          live.end();
        });
        return live.response;
      },
    ],
    [
      "a redirect",
      () => new Response(KEY, { status: 302, headers: { location: `https://example.org/?${KEY}` } }),
    ],
  ];

  test.each(answers)("never reaches the worker from %s", async (_, answer) => {
    upstream.answer = answer;
    const response = await door.post("/v1/messages", request);
    const received = JSON.stringify([...response.headers]) + (await response.text());
    expect(upstream.asked[0]?.headers["x-api-key"]).toBe(KEY);
    expect(received).not.toContain(KEY);
    expect(received).not.toContain(KEY.slice(9));
  });

  test("never reaches the worker from an address that cannot be called", async () => {
    await using broken = await Door.open({ baseUrl: `http://127.0.0.1:1/${KEY}`, apiKey: KEY });
    const response = await broken.post("/v1/messages", request);
    expect(response.status).toBe(502);
    expect(await response.text()).not.toContain(KEY);
  });
});
