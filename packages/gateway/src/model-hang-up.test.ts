import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { Problem } from "@farhand/protocol";
import { Door, KEY, TASK, until } from "../test/fixture.ts";
import { LiveStream, Upstream } from "../test/upstream.ts";

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

const MODEL = "claude-sonnet-5-5";
const request = { model: MODEL, max_tokens: 8000, messages: [{ role: "user", content: "hi" }] };
const start = {
  type: "message_start",
  message: { model: MODEL, usage: { input_tokens: 50_000, output_tokens: 1 } },
};
const words = (text: string) => ({
  type: "content_block_delta",
  index: 0,
  delta: { type: "text_delta", text },
});
const end = { type: "message_delta", delta: {}, usage: { output_tokens: 8000 } };

/** A streamed answer that has begun, and what reads it. */
async function begun() {
  const live = new LiveStream();
  upstream.answer = () => live.response;
  live.event(start);
  const response = await door.post("/v1/messages", { ...request, stream: true });
  const reader = response.body?.getReader();
  if (reader === undefined) throw new Error("the answer has no body");
  await reader.read();
  return { live, reader };
}

/** An answer that is not streamed, asked for by a caller that goes away before it comes. */
async function leftBeforeTheAnswer(body: object = request) {
  const answer = Promise.withResolvers<Response>();
  let isLeft = false;
  upstream.answer = (asked) => {
    asked.signal.addEventListener("abort", () => {
      isLeft = true;
    });
    return answer.promise;
  };
  const caller = new AbortController();
  const call = door.post("/v1/messages", body, { signal: caller.signal }).catch(() => "gone");
  await until(() => upstream.asked.length === 1);
  caller.abort();
  expect(await call).toBe("gone");
  return {
    answer: () =>
      answer.resolve(
        Response.json({ model: MODEL, usage: { input_tokens: 50_000, output_tokens: 8000 }, content: [] }),
      ),
    isLeft: () => isLeft,
  };
}

const metered = () =>
  door.ports.calls.map(({ usage, isEstimated }) => [usage.inputTokens, usage.outputTokens, isEstimated]);
const isCounted = () => until(() => door.ports.calls.length > 0);

describe("an answer that the sandbox hangs up on", () => {
  test("is read to its end, and counted whole", async () => {
    const { live, reader } = await begun();
    for (let piece = 0; piece < 199; piece++) live.event(words("word "));
    await reader.cancel();
    await Bun.sleep(50);
    expect([live.isLeft, door.ports.calls]).toEqual([false, []]);
    live.event(words("the last"));
    live.event(end);
    live.end();
    await isCounted();
    expect(metered()).toEqual([[50_000, 8000, false]]);
  });

  test("is counted whole also when it had not begun", async () => {
    const { answer, isLeft } = await leftBeforeTheAnswer();
    await Bun.sleep(50);
    expect([isLeft(), door.ports.calls]).toEqual([false, []]);
    answer();
    await isCounted();
    expect(metered()).toEqual([[50_000, 8000, false]]);
  });

  test("keeps its place until then, so that hanging up makes no room for more at once", async () => {
    const answers: ((response: Response) => void)[] = [];
    upstream.answer = () => new Promise((resolve) => answers.push(resolve));
    for (let call = 0; call < 6; call++) {
      const caller = new AbortController();
      const left = door.post("/v1/messages", request, { signal: caller.signal }).catch(() => "gone");
      if (call < 4) await until(() => answers.length === call + 1);
      else await Bun.sleep(50);
      caller.abort();
      await left;
    }
    expect(answers).toHaveLength(4);
    const fifth = door.post("/v1/messages", request);
    await Bun.sleep(50);
    expect(answers).toHaveLength(4);
    answers[0]?.(Response.json({ model: MODEL, usage: { input_tokens: 1, output_tokens: 1 } }));
    await until(() => answers.length === 5);
    for (const answer of answers) answer(Response.json({}));
    expect((await fifth).status).toBe(200);
  });

  test("is read to its end also where it breaks off, and the rest is estimated", async () => {
    const { live, reader } = await begun();
    await reader.cancel();
    live.event(words("x".repeat(300)));
    await Bun.sleep(20);
    live.break();
    await isCounted();
    expect(metered()).toEqual([[50_000, 101, true]]);
  });
});

describe("an answer that its sandbox cannot get any more by what it did itself", () => {
  /** What cuts it off from its sandbox, and is no wish of a person. */
  const ways: [string, () => unknown][] = [
    ["reports the end of its turn", () => (door.ports.isResting = true)],
    ["dies, and a newer attempt takes over", () => (door.ports.attempt = 2)],
    ["dies, and its socket is closed", () => door.gateway.close(TASK)],
  ];

  test.each(ways)("as it %s, is cut off for it, read to its end and counted whole", async (_, happens) => {
    const { live, reader } = await begun();
    const next = reader.read().then(
      ({ done }) => (done ? "ended" : "more"),
      () => "cut off",
    );
    await happens();
    expect(await next).toBe("cut off");
    live.event(words("more"));
    live.event(end);
    live.end();
    await isCounted();
    expect(metered()).toEqual([[50_000, 8000, false]]);
    expect(door.ports.calls.map(({ claim }) => claim.attempt)).toEqual([1]);
  });

  test("keeps its place also where the socket is closed and opened again", async () => {
    const answers: ((response: Response) => void)[] = [];
    upstream.answer = () => new Promise((resolve) => answers.push(resolve));
    const left = Array.from({ length: 4 }, () => door.post("/v1/messages", request).catch(() => "cut off"));
    await until(() => answers.length === 4);
    await door.gateway.close(TASK);
    await Promise.all(left);
    await door.gateway.open(TASK);
    const fifth = door.post("/v1/messages", request);
    await Bun.sleep(50);
    expect(answers).toHaveLength(4);
    answers[0]?.(Response.json({}));
    await until(() => answers.length === 5);
    for (const answer of answers) answer(Response.json({}));
    expect((await fifth).status).toBe(200);
  });
});

describe("an answer of a turn that a person stops", () => {
  test("is left upstream at once; what it has said is counted and the rest estimated", async () => {
    const { live, reader } = await begun();
    live.event(words("x".repeat(300)));
    await reader.read();
    door.ports.isEndWanted = true;
    await reader.cancel();
    await until(() => live.isLeft);
    await isCounted();
    expect(metered()).toEqual([[50_000, 101, true]]);
  });

  test("is left also when the sandbox had hung up before", async () => {
    const { live, reader } = await begun();
    await reader.cancel();
    await Bun.sleep(50);
    expect(live.isLeft).toBe(false);
    door.ports.isEndWanted = true;
    await until(() => live.isLeft);
    await isCounted();
    expect(metered()).toEqual([[50_000, 1, true]]);
  });

  test("is left before it has begun, and its input estimated from what was asked", async () => {
    door.ports.isEndWanted = true;
    const body = { ...request, system: "x".repeat(40_000) };
    const { isLeft } = await leftBeforeTheAnswer(body);
    await until(isLeft);
    await isCounted();
    expect(metered()).toEqual([[Math.ceil(JSON.stringify(body).length / 4), 0, true]]);
    expect(door.ports.calls[0]?.model).toBe(MODEL);
  });

  test("is read on while nobody can say whether the end is wanted", async () => {
    const { live, reader } = await begun();
    door.ports.wantsEnd = async () => {
      throw new Error("the database is locked");
    };
    await reader.cancel();
    await Bun.sleep(50);
    live.event(end);
    live.end();
    await isCounted();
    expect(metered()).toEqual([[50_000, 8000, false]]);
  });
});

test("a gateway that ends leaves the API, and has counted every call when it has ended", async () => {
  const { live, reader } = await begun();
  live.event(words("x".repeat(300)));
  await reader.read();
  const { used } = door.ports;
  door.ports.used = async (...call) => {
    await Bun.sleep(30);
    await used.apply(door.ports, call);
  };
  await door.gateway[Symbol.asyncDispose]();
  expect(metered()).toEqual([[50_000, 101, true]]);
  await until(() => live.isLeft);
});

test("a call to an API that cannot be reached is not counted", async () => {
  await upstream[Symbol.asyncDispose]();
  expect((await door.post("/v1/messages", request)).status).toBe(502);
  expect(door.ports.calls).toEqual([]);
});

test("a call that the API refuses is not counted, also when nobody waits for the refusal", async () => {
  const answer = Promise.withResolvers<Response>();
  upstream.answer = () => answer.promise;
  const caller = new AbortController();
  const call = door.post("/v1/messages", request, { signal: caller.signal }).catch(() => "gone");
  await until(() => upstream.asked.length === 1);
  caller.abort();
  await call;
  answer.resolve(Response.json({ type: "error", error: { type: "overloaded_error" } }, { status: 529 }));
  upstream.answer = () => Response.json({ model: MODEL, usage: { input_tokens: 1, output_tokens: 2 } });
  await (await door.post("/v1/messages", request)).json();
  expect(metered()).toEqual([[1, 2, false]]);
});

test("a call whose attempt has rested by the time it is answered ends as policy, and is counted", async () => {
  const answer = Promise.withResolvers<Response>();
  upstream.answer = () => answer.promise;
  const call = door.post("/v1/messages", request);
  await until(() => upstream.asked.length === 1);
  door.ports.isResting = true;
  expect(Problem.parse(await (await call).json()).code).toBe("policy");
  answer.resolve(Response.json({ model: MODEL, usage: { input_tokens: 50_000, output_tokens: 8000 } }));
  await isCounted();
  expect(metered()).toEqual([[50_000, 8000, false]]);
});
