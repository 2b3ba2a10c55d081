import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { Door, KEY, problemIn, until } from "../test/fixture.ts";
import { Upstream } from "../test/upstream.ts";

let upstream: Upstream;
let door: Door;
beforeEach(async () => {
  upstream = new Upstream();
  door = await Door.open({ baseUrl: upstream.url, apiKey: KEY });
});
afterEach(async () => {
  await door[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

const request = { model: "claude-sonnet-5-5", max_tokens: 10, messages: [{ role: "user", content: "hi" }] };

describe("a model call for which there is no money", () => {
  test("is held, reaches nobody meanwhile, and goes on with the key of then", async () => {
    const more = Promise.withResolvers<void>();
    let asked = 0;
    door.ports.allow = async () => {
      asked++;
      await more.promise;
      return { ok: true };
    };
    const answer = door.post("/v1/messages", request);
    await until(() => asked === 1);
    expect(upstream.asked).toEqual([]);
    door.ports.model = {
      baseUrl: upstream.url,
      apiKey: "another-key-0123456789",
      isBearer: false,
      address: null,
    };
    more.resolve();
    expect((await answer).status).toBe(200);
    expect(upstream.asked[0]?.headers["x-api-key"]).toBe("another-key-0123456789");
  });

  test("is let go when its caller leaves", async () => {
    let isLeft = false;
    let isHeld = false;
    door.ports.allow = (signal) => {
      isHeld = true;
      return new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          isLeft = true;
          reject(signal.reason);
        });
      });
    };
    const caller = new AbortController();
    const answer = door.post("/v1/messages", request, { signal: caller.signal }).catch(() => "left");
    await until(() => isHeld);
    caller.abort();
    expect(await answer).toBe("left");
    await until(() => isLeft);
    expect(upstream.asked).toEqual([]);
  });

  test("is refused in the coordinator's words where it says no", async () => {
    door.ports.allow = async () => ({
      ok: false,
      code: "budget_reached",
      message: "No more.",
      action: "Ask.",
    });
    const problem = await problemIn(await door.post("/v1/messages", request));
    expect(problem).toMatchObject({
      code: "budget_reached",
      detail: "No more.",
      action: "Ask.",
      status: 402,
    });
    expect(upstream.asked).toEqual([]);
  });
});

test("what costs nothing is asked while a call is held", async () => {
  door.ports.allow = () => new Promise(() => undefined);
  expect((await door.fetch("/v1/models")).status).toBe(200);
  expect((await door.post("/v1/messages/count_tokens", request)).status).toBe(200);
});

test("a call goes to the address that was looked up, under the host's own name", async () => {
  const { port } = new URL(upstream.url);
  door.ports.model = {
    baseUrl: `http://model.invalid:${port}/v0`,
    apiKey: KEY,
    isBearer: false,
    address: "127.0.0.1",
  };
  expect((await door.post("/v1/messages", request)).status).toBe(200);
  expect(upstream.asked[0]).toMatchObject({
    path: "/v0/v1/messages",
    headers: { host: `model.invalid:${port}` },
  });
});
