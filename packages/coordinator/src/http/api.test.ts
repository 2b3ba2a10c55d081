import { describe, expect, test } from "bun:test";
import {
  IDEMPOTENCY_HEADER,
  PROMPT_MAX_BYTES,
  Problem,
  REPLAYED_HEADER,
  Readiness,
  Task,
  TaskPage,
} from "@farhand/protocol";
import { z } from "zod";
import { messageId, newTask, OWNER, openStores, taskId } from "../../test/stores.ts";
import { failure } from "../domain/failure.ts";
import type { Repositories } from "../domain/ports.ts";
import { createApp, type Front } from "./app.ts";
import { createRateLimiter, RATE_LIMITS } from "./rate-limit.ts";

const OpenApiDocument = z.object({
  openapi: z.string(),
  paths: z.record(z.string(), z.unknown()),
  components: z.object({
    schemas: z.record(
      z.string(),
      // A union has no properties of its own.
      z.object({
        properties: z.record(z.string(), z.object({ enum: z.array(z.string()).optional() })).optional(),
      }),
    ),
  }),
});

/** Repositories are not reached by these tests; `files.test.ts` has the routes that read them, over real git. */
const noRepositories = {} as Repositories;

const notHere = () => Promise.reject(failure("conflict", "The task is idle.", "Nothing to do."));

async function openApi(front: Front = {}) {
  const stores = await openStores();
  const logged: object[] = [];
  let created = 100;
  let sent = 0;
  const app = createApp(
    {
      version: "1.2.3",
      ...stores,
      repositories: noRepositories,
      lister: { repositories: notHere, branches: notHere },
      commands: {
        create: (userId, command, requestKey) =>
          stores.tasks.create(
            newTask(++created, {
              userId,
              repository: command.repository,
              prompt: command.prompt,
              requestKey,
            }),
          ),
        editMessage: notHere,
        withdrawMessage: notHere,
        reorderMessages: notHere,
        stop: notHere,
        retry: notHere,
        approve: notHere,
        answer: notHere,
        archive: notHere,
        rollBack: notHere,
        fork: notHere,
        cancel: async (task) => {
          if (task.prompt === "explode") throw new Error("secret detail");
          throw failure("conflict", "The task is idle.", "Nothing to do.");
        },
        sendMessage: async (_task, _text, requestKey) => ({
          messageId: messageId(++sent),
          status: requestKey ? "queued" : "started",
          turn: 1,
        }),
      },
      readiness: async () => ({
        status: "not_ready",
        version: "1.2.3",
        protocol: 1,
        sandbox: { driver: "docker", isolated: true },
        checks: [{ name: "sandbox", ok: false, detail: "away", action: "start it" }],
      }),
      now: () => new Date(0),
      logger: { info: () => undefined, error: (fields) => void logged.push(fields) },
    },
    front,
  );
  const call = (
    method: string,
    path: string,
    body?: unknown,
    token: string | null = OWNER.token,
    key: string | null = null,
  ) =>
    app.request(`/api${path}`, {
      method,
      headers: {
        ...(key === null ? {} : { [IDEMPOTENCY_HEADER]: key }),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
  return { ...stores, call, logged, app };
}

async function problemOf(response: Response): Promise<Problem> {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const problem = Problem.parse(await response.json());
  expect(problem.status).toBe(response.status);
  expect(problem.requestId).toBe(response.headers.get("x-request-id") ?? "");
  return problem;
}

describe("the token", () => {
  test("is needed on every route but health, the ways to sign in and the documentation", async () => {
    const limits = { ...RATE_LIMITS, refused: { burst: 1000, perSecond: 1 } };
    const { call, app } = await openApi({
      rateLimiter: createRateLimiter({ limits, isSignIn: () => false }),
    });
    const document = app.getOpenAPI31Document({ openapi: "3.1.0", info: { title: "", version: "" } });
    const routes = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
      Object.keys(methods ?? {}).map((method) => [method.toUpperCase(), path.replace("/api", "")] as const),
    );
    expect(routes.length).toBeGreaterThan(8);
    for (const [method, path] of routes) {
      const response = await call(
        method,
        path.replace("{id}", taskId(1)).replace("{messageId}", messageId(1)),
        undefined,
        null,
      );
      if (path.startsWith("/health") || path === "/sign-in-methods") expect(response.status).not.toBe(401);
      else expect([path, (await problemOf(response)).code]).toEqual([path, "unauthorized"]);
    }
    expect((await call("GET", "/openapi.json", undefined, null)).status).toBe(200);
    expect((await call("GET", "/docs", undefined, null)).status).toBe(200);
  });

  test("must be the right one", async () => {
    const { call } = await openApi();
    const response = await call("GET", "/tasks", undefined, "fho_wrong");
    expect(response.headers.get("www-authenticate")).toContain("Bearer");
    expect((await problemOf(response)).action).toContain("owner.token");
  });
});

describe("creating a task", () => {
  const good = { repository: "https://git.example.com/o/r", prompt: "fix it" };

  test("answers with the queued task", async () => {
    const { call } = await openApi();
    const response = await call("POST", "/tasks", good);
    expect(response.status).toBe(201);
    expect(Task.parse(await response.json())).toMatchObject({ ...good, state: "queued", lastSeq: 2 });
  });

  test("takes a prompt of 200 kB whole", async () => {
    const { call } = await openApi();
    const prompt = "x".repeat(200_000);
    const task = Task.parse(await (await call("POST", "/tasks", { ...good, prompt })).json());
    expect(task.prompt.length).toBe(200_000);
  });

  const refused: [string, unknown, RegExp][] = [
    ["an empty prompt", { ...good, prompt: "  \n" }, /prompt is empty/],
    [
      "a prompt beyond the limit",
      { ...good, prompt: "é".repeat(PROMPT_MAX_BYTES / 2 + 1) },
      /longer than 256 KiB/,
    ],
    ["an unknown field", { ...good, priority: 1 }, /priority/],
    ["a missing repository", { prompt: "fix it" }, /repository/],
    ["a branch that is an option", { ...good, baseBranch: "--upload-pack=x" }, /branch name/],
    ["a body that is not JSON", "{", /JSON/],
    ["a body of another kind", "[1]", /object/],
  ];
  for (const [name, body, expected] of refused)
    test(`refuses ${name} and says what is wrong`, async () => {
      const { call } = await openApi();
      const problem = await problemOf(await call("POST", "/tasks", body));
      expect(problem).toMatchObject({ code: "invalid_request", status: 400 });
      expect(problem.detail).toMatch(expected);
    });

  test("refuses a body without its type, rather than reading it as empty", async () => {
    const { app } = await openApi();
    const headers = { authorization: `Bearer ${OWNER.token}` };
    const response = await app.request("/api/tasks", { method: "POST", headers, body: JSON.stringify(good) });
    expect((await problemOf(response)).code).toBe("invalid_request");
  });

  test("refuses a body over 1 MiB", async () => {
    const { call } = await openApi();
    const response = await call("POST", "/tasks", { ...good, prompt: "x".repeat(1_100_000) });
    expect((await problemOf(response)).code).toBe("payload_too_large");
  });
});

describe("reading tasks", () => {
  test("pages through the list with the cursor", async () => {
    const { call, tasks } = await openApi();
    for (const number of [1, 2, 3]) await tasks.create(newTask(number));
    const first = TaskPage.parse(await (await call("GET", "/tasks?limit=2")).json());
    const second = TaskPage.parse(
      await (await call("GET", `/tasks?limit=2&cursor=${first.nextCursor}`)).json(),
    );
    expect([...first.tasks, ...second.tasks].map((task) => task.id)).toEqual([3, 2, 1].map(taskId));
    expect(second.nextCursor).toBeNull();
  });

  test("answers the same for an unknown task and for somebody else's", async () => {
    const { call, tasks, users } = await openApi();
    await users.setOwner({ id: "u_other", login: "other", token: "fho_other" });
    await tasks.create(newTask(1, { userId: "u_other" }));
    for (const path of ["", "/events", "/diff"]) {
      const foreign = await problemOf(await call("GET", `/tasks/${taskId(1)}${path}`));
      const unknown = await problemOf(await call("GET", `/tasks/${taskId(9)}${path}`));
      expect({ ...foreign, requestId: "" }).toEqual({ ...unknown, requestId: "" });
      expect(foreign.status).toBe(404);
    }
  });

  test("gives events after a seq", async () => {
    const { call, tasks, log } = await openApi();
    await tasks.create(newTask(1));
    await log.append(taskId(1), 0, [{ type: "notice", level: "info", code: "c", message: "m" }]);
    const page = await (await call("GET", `/tasks/${taskId(1)}/events?after=2`)).json();
    expect(page).toMatchObject({ status: "ok", lastSeq: 3, events: [{ seq: 3, body: { type: "notice" } }] });
    const end = await (await call("GET", `/tasks/${taskId(1)}/events?before=4&limit=2`)).json();
    expect(end).toMatchObject({ events: [{ seq: 2 }, { seq: 3 }] });
    const beyond = await (await call("GET", `/tasks/${taskId(1)}/events?after=99`)).json();
    expect(beyond).toEqual({ status: "gap", events: [], lastSeq: 3 });
  });

  test("refuses ids, cursors, numbers and parameters that make no sense", async () => {
    const { call } = await openApi();
    for (const path of [
      "/tasks/..%2f..",
      "/tasks?limit=0",
      "/tasks?limit=x",
      "/tasks?cursor=zzz",
      "/tasks?state=happy",
      "/tasks?sort=asc",
      `/tasks/${taskId(1)}/events?after=-1`,
      `/tasks/${taskId(1)}/events?after=1&before=3`,
    ])
      expect([path, (await problemOf(await call("GET", path))).status]).toEqual([path, 400]);
  });
});

describe("errors", () => {
  test("of the domain come with their sentence and action", async () => {
    const { call, tasks } = await openApi();
    await tasks.create(newTask(1));
    const problem = await problemOf(await call("POST", `/tasks/${taskId(1)}/cancel`));
    expect(problem).toMatchObject({ status: 409, code: "conflict", detail: "The task is idle." });
  });

  test("that are bugs tell the client nothing and the log everything", async () => {
    const { call, tasks, logged } = await openApi();
    await tasks.create(newTask(1, { prompt: "explode" }));
    const response = await call("POST", `/tasks/${taskId(1)}/cancel`);
    const problem = await problemOf(response);
    expect(problem.code).toBe("internal");
    expect(JSON.stringify(problem)).not.toContain("secret detail");
    expect(logged).toEqual([
      expect.objectContaining({ requestId: problem.requestId ?? "", err: expect.any(Error) }),
    ]);
  });

  test("for an unknown address say where to look", async () => {
    const { app } = await openApi();
    expect((await problemOf(await app.request("/nowhere"))).action).toContain("/api/docs");
  });
});

describe("an idempotency key", () => {
  const good = { repository: "https://git.example.com/o/r", prompt: "fix it" };
  const create = (api: Awaited<ReturnType<typeof openApi>>, body: object, key: string) =>
    api.call("POST", "/tasks", body, OWNER.token, key);

  test("gives a repeat the same answer, and does the thing once", async () => {
    const api = await openApi();
    const first = await create(api, good, "k1");
    const again = await create(api, good, "k1");
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.headers.get(REPLAYED_HEADER)).toBe("true");
    expect(await again.json()).toEqual(await first.json());
    expect(TaskPage.parse(await (await api.call("GET", "/tasks")).json()).tasks).toHaveLength(1);
  });

  test("holds for repeats that come at the same moment", async () => {
    const api = await openApi();
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => create(api, good, "k1")));
    const ids = await Promise.all(answers.map(async (answer) => Task.parse(await answer.json()).id));
    expect(new Set(ids).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.has(REPLAYED_HEADER))).toHaveLength(4);
  });

  test("is refused for another body or another route", async () => {
    const api = await openApi();
    await create(api, good, "k1");
    const other = await problemOf(await create(api, { ...good, prompt: "another" }, "k1"));
    expect(other).toMatchObject({ status: 409, code: "idempotency_conflict" });
    const route = await api.call("PATCH", "/settings", {}, OWNER.token, "k1");
    expect((await problemOf(route)).code).toBe("idempotency_conflict");
  });

  test("repeats a refusal as well, but not an error of the server's own", async () => {
    const api = await openApi();
    await api.tasks.create(newTask(1));
    await api.tasks.create(newTask(2, { prompt: "explode" }));
    const cancel = (number: number) =>
      api.call("POST", `/tasks/${taskId(number)}/cancel`, undefined, OWNER.token, `c${number}`);
    const [first, again] = [await cancel(1), await cancel(1)];
    expect([first.status, again.status]).toEqual([409, 409]);
    expect(again.headers.get("content-type")).toBe("application/problem+json");
    expect(await again.json()).toEqual(await first.json());
    expect((await cancel(2)).status).toBe(500);
    expect((await cancel(2)).headers.has(REPLAYED_HEADER)).toBe(false);
  });

  test("belongs to one user, and makes sense or is refused", async () => {
    const api = await openApi();
    await api.users.setOwner({ id: "u_other", login: "other", token: "fho_other" });
    const mine = Task.parse(await (await create(api, good, "k1")).json());
    const theirs = await api.call("POST", "/tasks", good, "fho_other", "k1");
    expect(Task.parse(await theirs.json()).id).not.toBe(mine.id);
    expect((await problemOf(await create(api, good, "x".repeat(201)))).code).toBe("invalid_request");
  });

  test("is forgotten after its time", async () => {
    const api = await openApi();
    await create(api, good, "k1");
    await api.requests.forget(new Date(api.time.ms + 1));
    expect((await create(api, good, "k1")).headers.has(REPLAYED_HEADER)).toBe(false);
  });

  test("whose answer was lost with the server still makes no second task", async () => {
    const api = await openApi();
    const first = Task.parse(await (await create(api, good, "k1")).json());
    await api.requests.forget(new Date(api.time.ms + 1));
    expect(Task.parse(await (await create(api, good, "k1")).json()).id).toBe(first.id);
  });
});

test("a database that is locked or full is a passing trouble, and says so", async () => {
  const api = await openApi();
  api.requests.find = () =>
    Promise.reject(Object.assign(new Error("database is locked"), { code: "SQLITE_BUSY" }));
  const problem = await problemOf(await api.call("POST", "/tasks", {}, OWNER.token, "k"));
  expect(problem).toMatchObject({ status: 503, code: "not_ready" });
});

describe("health", () => {
  test("tells liveness and readiness apart", async () => {
    const { call } = await openApi();
    expect((await call("GET", "/health/live", undefined, null)).status).toBe(200);
    const ready = await call("GET", "/health/ready", undefined, null);
    expect([ready.status, Readiness.parse(await ready.json()).checks[0]?.action]).toEqual([503, "start it"]);
  });
});

describe("settings", () => {
  test("change one by one and refuse unknown names", async () => {
    const { call } = await openApi();
    await call("PATCH", "/settings", { defaultModel: "claude-opus-5-5" });
    const limit = { maxUsd: 5, maxTokens: null };
    await call("PATCH", "/settings", { budgets: { day: limit } });
    const none = { maxUsd: null, maxTokens: null };
    expect(await (await call("GET", "/settings")).json()).toEqual({
      defaultModel: "claude-opus-5-5",
      budgets: { task: none, day: limit, user: none },
    });
    expect((await problemOf(await call("PATCH", "/settings", { colour: "red" }))).code).toBe(
      "invalid_request",
    );
  });
});

describe("the OpenAPI document", () => {
  test("describes every route with its answers", async () => {
    const { call } = await openApi();
    const document = OpenApiDocument.parse(
      await (await call("GET", "/openapi.json", undefined, null)).json(),
    );
    expect(document.openapi).toBe("3.1.0");
    expect(Object.keys(document.paths).sort()).toEqual([
      "/attachments/{id}",
      "/audit",
      "/audit/export",
      "/costs",
      "/devices",
      "/devices/{id}",
      "/devices/{id}/test",
      "/egress",
      "/egress/repositories",
      "/health",
      "/health/live",
      "/health/ready",
      "/invites",
      "/invites/{id}",
      "/keys",
      "/keys/{id}",
      "/keys/{id}/check",
      "/me",
      "/members",
      "/members/{id}",
      "/members/{id}/link",
      "/notifications/vapid",
      "/repositories",
      "/repositories/branches",
      "/secrets",
      "/sessions",
      "/sessions/{id}",
      "/settings",
      "/sign-in-links",
      "/sign-in-methods",
      "/tasks",
      "/tasks/{id}",
      "/tasks/{id}/answer",
      "/tasks/{id}/approve",
      "/tasks/{id}/archive",
      "/tasks/{id}/budget",
      "/tasks/{id}/cancel",
      "/tasks/{id}/diff",
      "/tasks/{id}/egress",
      "/tasks/{id}/egress/allow",
      "/tasks/{id}/events",
      "/tasks/{id}/files",
      "/tasks/{id}/files/raw",
      "/tasks/{id}/files/search",
      "/tasks/{id}/fork",
      "/tasks/{id}/messages",
      "/tasks/{id}/messages/order",
      "/tasks/{id}/messages/{messageId}",
      "/tasks/{id}/outputs/{toolUseId}",
      "/tasks/{id}/retry",
      "/tasks/{id}/rollback",
      "/tasks/{id}/stop",
    ]);
    expect(document.components.schemas.Task?.properties?.state?.enum).toContain("queued");
  });
});
