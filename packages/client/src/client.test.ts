import { afterEach, expect, test } from "bun:test";
import type { Task } from "@farhand/protocol";
import { FakeCoordinator, TASK_ID, TOKEN } from "../test/fake-coordinator.ts";
import { ApiError, createClient, UnreachableError } from "./client.ts";

const started: FakeCoordinator[] = [];
afterEach(() => {
  for (const fake of started.splice(0)) fake[Symbol.dispose]();
});

function connect(respond: FakeCoordinator["respond"]) {
  const fake = new FakeCoordinator();
  started.push(fake);
  fake.respond = respond;
  return { fake, client: createClient({ baseUrl: `${fake.url}/`, token: TOKEN }) };
}

const task: Task = {
  id: TASK_ID,
  state: "queued",
  repository: "https://example.com/a/b.git",
  forge: "plain",
  baseBranch: null,
  branch: "farhand/mend-the-test",
  model: "claude-sonnet-5-5",
  prompt: "Mend the test.",
  title: null,
  summary: null,
  commit: null,
  filesChanged: null,
  pullRequestUrl: null,
  attempt: 0,
  turn: 1,
  lastSeq: 1,
  usage: { inputTokens: 0, outputTokens: 0, cacheCreationInputTokens: 0, cacheReadInputTokens: 0 },
  failure: null,
  createdAt: "2026-01-02T03:04:05.678Z",
  updatedAt: "2026-01-02T03:04:05.678Z",
};

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
    protocol: 1,
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
