import { afterEach, describe, expect, test } from "bun:test";
import { IDEMPOTENCY_HEADER } from "@farhand/protocol";
import { CuttingProxy } from "../test/cutting-proxy.ts";
import { FakeCoordinator, makeTask, TASK_ID, TOKEN } from "../test/fake-coordinator.ts";
import { ApiError, type Client, createClient, UnreachableError } from "./client.ts";

const QUICK = { firstDelayMs: 1, maxDelayMs: 4 };
const MESSAGE_ID = "m_01j9z3k4m5n6p7q8r9s0t1v2w3";
const started: FakeCoordinator[] = [];
afterEach(() => {
  for (const fake of started.splice(0)) fake[Symbol.dispose]();
});

function connect(respond: FakeCoordinator["respond"]) {
  const fake = new FakeCoordinator();
  started.push(fake);
  fake.respond = respond;
  return { fake, client: createClient({ baseUrl: `${fake.url}/`, token: TOKEN, backoff: QUICK }) };
}

const task = makeTask(1, 1);

test("every request carries the token, and each change its own idempotency key", async () => {
  const { fake, client } = connect(() => Response.json(task, { status: 201 }));
  const create = { repository: task.repository, prompt: task.prompt };
  expect(await client.createTask(create)).toEqual(task);
  await client.cancelTask(TASK_ID);
  await client.getTask(TASK_ID);

  expect(fake.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    "POST /api/tasks",
    `POST /api/tasks/${TASK_ID}/cancel`,
    `GET /api/tasks/${TASK_ID}`,
  ]);
  expect(fake.requests[0]?.body).toEqual(create);
  expect(fake.requests.every(({ headers }) => headers.get("authorization") === `Bearer ${TOKEN}`)).toBe(true);
  const keys = fake.requests.map(({ headers }) => headers.get("idempotency-key"));
  expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
  expect(keys[1]).toMatch(/^[0-9a-f-]{36}$/);
  expect(keys[0]).not.toBe(keys[1]);
  expect(keys[2]).toBeNull();
});

test("only the paging that was asked for is sent", async () => {
  const { fake, client } = connect(() => Response.json({ tasks: [task], nextCursor: null }));
  await client.listTasks();
  await client.listTasks({ cursor: "a b&c", limit: 5, state: "idle" });
  expect(fake.requests.map(({ path }) => path)).toEqual([
    "/api/tasks",
    "/api/tasks?cursor=a%20b%26c&limit=5&state=idle",
  ]);
});

const waiting = { messages: [{ messageId: MESSAGE_ID, text: "b", createdAt: task.createdAt }] };
const sent = { messageId: MESSAGE_ID, status: "queued", turn: 1 };
const page = { status: "ok", events: [], lastSeq: 0 };
const commit = "0".repeat(40);
const link = { kind: "symlink", commit, path: "a/b", target: "../c" };
const diff = {
  from: commit,
  to: commit,
  files: [],
  filesTruncated: false,
  text: "",
  truncated: false,
  filesChanged: 0,
  insertions: 0,
  deletions: 0,
};
const found = { commit, files: [], truncated: false };
const T = `/api/tasks/${TASK_ID}`;

const calls: [string, (client: Client) => Promise<unknown>, unknown, unknown?][] = [
  [`POST ${T}/messages`, (it) => it.sendMessage(TASK_ID, { text: "a" }), sent, { text: "a" }],
  [`GET ${T}/messages`, (it) => it.messages(TASK_ID), waiting],
  [
    `PATCH ${T}/messages/${MESSAGE_ID}`,
    (it) => it.editMessage(TASK_ID, MESSAGE_ID, { text: "b" }),
    waiting,
    { text: "b" },
  ],
  [`DELETE ${T}/messages/${MESSAGE_ID}`, (it) => it.withdrawMessage(TASK_ID, MESSAGE_ID), waiting],
  [
    `PUT ${T}/messages/order`,
    (it) => it.reorderMessages(TASK_ID, [MESSAGE_ID]),
    waiting,
    { messageIds: [MESSAGE_ID] },
  ],
  [`POST ${T}/stop`, (it) => it.stop(TASK_ID), task],
  [`POST ${T}/cancel`, (it) => it.cancelTask(TASK_ID), task],
  [`POST ${T}/retry`, (it) => it.retry(TASK_ID), task],
  [`POST ${T}/archive`, (it) => it.archive(TASK_ID), task],
  [`POST ${T}/rollback`, (it) => it.rollBack(TASK_ID, 2), task, { turn: 2 }],
  [`POST ${T}/fork`, (it) => it.fork(TASK_ID, { prompt: "c", turn: 1 }), task, { prompt: "c", turn: 1 }],
  [`GET ${T}/events?before=9&limit=3`, (it) => it.events(TASK_ID, { before: 9, limit: 3 }), page],
  [`GET ${T}/events?after=0`, (it) => it.events(TASK_ID, { after: 0 }), page],
  [`GET ${T}/files`, (it) => it.files(TASK_ID), link],
  [`GET ${T}/files?at=turn-1&path=a%2Fb`, (it) => it.files(TASK_ID, { at: "turn-1", path: "a/b" }), link],
  [`GET ${T}/files/search?q=-e%20%26`, (it) => it.searchFiles(TASK_ID, { q: "-e &" }), found],
  [`GET ${T}/diff`, (it) => it.diff(TASK_ID), diff],
  [`GET ${T}/diff?from=base&to=branch`, (it) => it.diff(TASK_ID, { from: "base", to: "branch" }), diff],
];
for (const [request, call, answer, body] of calls)
  test(`${request} is what a call comes to`, async () => {
    const { fake, client } = connect(() => Response.json(answer));
    expect(await call(client)).toEqual(answer);
    const [seen] = fake.requests;
    expect(`${seen?.method} ${seen?.path}`).toBe(request);
    expect(seen?.body).toEqual(body);
    expect(seen?.headers.has(IDEMPOTENCY_HEADER)).toBe(seen?.method !== "GET");
  });

test("a file comes whole, with its size", async () => {
  const bytes = crypto.getRandomValues(new Uint8Array(300_000));
  const { fake, client } = connect(() => new Response(bytes));
  const file = await client.rawFile(TASK_ID, { path: "a b.bin", at: "base" });
  expect(file.sizeBytes).toBe(bytes.length);
  expect(new Uint8Array(await new Response(file.body).arrayBuffer())).toEqual(bytes);
  expect(fake.requests[0]?.path).toBe(`${T}/files/raw?path=a%20b.bin&at=base`);
});

describe("a change", () => {
  const refuse = (status: number, code: string) =>
    Response.json(
      { type: `urn:farhand:error:${code}`, title: code, status, code, detail: "d", action: "a" },
      { status },
    );
  const keysOf = (fake: FakeCoordinator) =>
    fake.requests.map(({ headers }) => headers.get(IDEMPOTENCY_HEADER));

  test("is asked for again under the same key while the coordinator is not ready", async () => {
    let left = 3;
    const { fake, client } = connect(() => (left-- > 0 ? refuse(503, "not_ready") : Response.json(task)));
    expect(await client.stop(TASK_ID)).toEqual(task);
    expect(fake.requests).toHaveLength(4);
    expect(new Set(keysOf(fake)).size).toBe(1);
  });

  test("is asked for no more than so often", async () => {
    const { fake, client } = connect(() => refuse(503, "not_ready"));
    await expect(client.stop(TASK_ID)).rejects.toMatchObject({ code: "not_ready" });
    expect(fake.requests).toHaveLength(4);
    const once = createClient({ baseUrl: fake.url, token: TOKEN, retries: 0 });
    await expect(once.stop(TASK_ID)).rejects.toMatchObject({ code: "not_ready" });
    expect(fake.requests).toHaveLength(5);
  });

  test.each([
    [503, "sandbox_unavailable"],
    [500, "internal"],
    [409, "conflict"],
  ])("that is refused with %d %s is not asked for again", async (status, code) => {
    const { fake, client } = connect(() => refuse(status, code));
    await expect(client.retry(TASK_ID)).rejects.toMatchObject({ code });
    expect(fake.requests).toHaveLength(1);
  });

  test("may bring its own key, for one that outlives this process", async () => {
    const { fake, client } = connect(() => Response.json(task));
    await client.createTask({ repository: "r", prompt: "p" }, { idempotencyKey: "kept" });
    expect(keysOf(fake)).toEqual(["kept"]);
  });

  test.each([0, 30, 200])("whose answer breaks off after %d bytes is asked for again", async (downBytes) => {
    const { fake } = connect(() => Response.json(task));
    await using proxy = await CuttingProxy.start(fake.port, [{ upBytes: 10_000, downBytes }]);
    const client = createClient({ baseUrl: proxy.url, token: TOKEN, backoff: QUICK });
    expect(await client.stop(TASK_ID)).toEqual(task);
    expect(fake.requests.length).toBeGreaterThanOrEqual(2);
    expect(new Set(keysOf(fake)).size).toBe(1);
  });

  test("that nobody takes fails with what was tried, and stops at once when it is not wanted", async () => {
    const client = createClient({ baseUrl: "http://127.0.0.1:9", token: TOKEN, backoff: QUICK });
    await expect(client.archive(TASK_ID)).rejects.toBeInstanceOf(UnreachableError);
    const patient = createClient({
      baseUrl: "http://127.0.0.1:9",
      token: TOKEN,
      backoff: { firstDelayMs: 600_000, maxDelayMs: 600_000 },
    });
    const stop = new AbortController();
    const asked = patient.archive(TASK_ID, { signal: stop.signal });
    stop.abort(new Error("not wanted"));
    await expect(asked).rejects.toThrow("not wanted");
    await expect(patient.archive(TASK_ID, stop.signal)).rejects.toThrow("not wanted");
  });

  test("that only reads is asked for once", async () => {
    const { fake, client } = connect(() => refuse(503, "not_ready"));
    await expect(client.getTask(TASK_ID)).rejects.toMatchObject({ code: "not_ready" });
    expect(fake.requests).toHaveLength(1);
  });
});

test("a refusal is an ApiError with the coordinator's code and action", async () => {
  const problem = {
    type: "about:blank",
    title: "Invalid request",
    status: 400,
    code: "invalid_request",
    detail: "the prompt is empty: say what the agent should do",
    action: "Write a prompt.",
    fields: [{ path: "prompt", message: "the prompt is empty: say what the agent should do" }],
  };
  const { client } = connect(() => Response.json(problem, { status: 400 }));
  const refusal = await client.createTask({ repository: "x", prompt: "" }).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(ApiError);
  expect(refusal).toMatchObject({ problem, code: "invalid_request", action: "Write a prompt." });
});

test("an error page of something that is no coordinator is still an ApiError with an action", async () => {
  const { client } = connect(() => new Response("<h1>Bad gateway</h1>", { status: 502 }));
  await expect(client.getTask(TASK_ID)).rejects.toMatchObject({ status: 502, code: "internal" });
});

test("an answer of an unknown form names the field that is wrong", async () => {
  const { client } = connect(() => Response.json({ ...task, state: "dreaming" }));
  await expect(client.getTask(TASK_ID)).rejects.toThrow(/state/);
});

test("a coordinator that is not ready still tells why", async () => {
  const readiness = {
    status: "not_ready",
    version: "0.1.0",
    protocol: 2,
    sandbox: { driver: "docker", isolated: true },
    checks: [{ name: "sandbox", ok: false, detail: "Docker does not answer.", action: "Start it." }],
  };
  const { client } = connect(() => Response.json(readiness, { status: 503 }));
  expect(await client.ready()).toMatchObject(readiness);
});

test("where nobody answers, the error says so and is not an ApiError", async () => {
  const client = createClient({ baseUrl: "http://127.0.0.1:9", token: TOKEN });
  const error = await client.live().catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(UnreachableError);
  expect(String(error)).toContain("http://127.0.0.1:9");
});
