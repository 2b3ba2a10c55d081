import { describe, expect, test } from "bun:test";
import { AuditPage, AuditRecord, Task } from "@farhand/protocol";
import { appOver } from "../../test/app-over.ts";
import { newTask, OWNER, openStores, taskId } from "../../test/stores.ts";
import { AUDITED_CHANGES } from "./audit.ts";

const MEMBER = { id: "u_member", login: "member", token: "fho_member-token-for-tests" };

async function openAudited() {
  const stores = await openStores();
  await stores.users.setOwner(MEMBER);
  const app = appOver(stores);
  const ask = (method: string, path: string, body?: unknown, token = OWNER.token, key?: string) =>
    app.request(
      `/api${path}`,
      {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(key === undefined ? {} : { "idempotency-key": key }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      { peer: { address: "203.0.113.9", isLoopback: false } },
    );
  const page = async (query = "", token = OWNER.token) =>
    AuditPage.parse(await (await ask("GET", `/audit${query}`, undefined, token)).json());
  return { ...stores, app, ask, page };
}

describe("a change", () => {
  const good = { repository: "https://git.example.com/o/r", prompt: "fix it" };

  test("is recorded with who, what and from where", async () => {
    const { ask, page } = await openAudited();
    const { id } = Task.parse(await (await ask("POST", "/tasks", good)).json());
    await ask("POST", `/tasks/${id}/cancel`);
    await ask("PATCH", "/settings", { defaultModel: "claude-opus-5-5" });
    const { entries } = await page();
    expect(entries.map(({ action, subject }) => [action, subject])).toEqual([
      ["settings.changed", "settings"],
      ["task.cancelled", id],
      ["task.created", id],
    ]);
    expect(entries.every(({ userId, address }) => userId === OWNER.id && address === "203.0.113.9")).toBe(
      true,
    );
  });

  test("is recorded once, and not at all when it was refused or only asked about", async () => {
    const { ask, page, tasks } = await openAudited();
    await tasks.create(newTask(1, { prompt: "refuse" }));
    await ask("POST", `/tasks/${taskId(1)}/cancel`);
    await ask("POST", `/tasks/${taskId(9)}/stop`);
    await ask("POST", "/tasks", { ...good, prompt: "" });
    await ask("GET", "/tasks");
    for (let number = 0; number < 3; number += 1) await ask("POST", "/tasks", good, OWNER.token, "k1");
    expect((await page()).entries.map(({ action }) => action)).toEqual(["task.created"]);
  });

  test("has a name in the log on every route that there is, or a part of its own that records it", async () => {
    const { app } = await openAudited();
    const { paths } = app.getOpenAPI31Document({ openapi: "3.1.0", info: { title: "", version: "" } });
    const changes = Object.entries(paths ?? {}).flatMap(([path, methods]) =>
      Object.keys(methods ?? {})
        .filter((method) => method !== "get")
        .map((method) => `${method.toUpperCase()} ${path.replace("/api", "")}`),
    );
    expect(changes.length).toBeGreaterThan(10);
    expect(
      changes.filter((change) => !(change in AUDITED_CHANGES) && !RECORDED_ELSEWHERE.test(change)),
    ).toEqual([]);
    expect(Object.keys(AUDITED_CHANGES).filter((change) => !changes.includes(change))).toEqual([]);
  });
});

/** What is recorded where it is done, with what only that part knows. */
const RECORDED_ELSEWHERE =
  /^\w+ \/(auth|setup|sign-in|device|sessions|sign-in-links|invites|members|keys|secrets|egress|devices|webhooks|tasks\/\{id\}\/egress)(\/|$)/;

describe("GET /api/audit", () => {
  test("shows the owner everything, and a member their own", async () => {
    const { ask, page } = await openAudited();
    await ask("PATCH", "/settings", {});
    await ask("PATCH", "/settings", {}, MEMBER.token);
    const users = async (token: string) => (await page("", token)).entries.map(({ userId }) => userId);
    expect(await users(OWNER.token)).toEqual([MEMBER.id, OWNER.id]);
    expect(await users(MEMBER.token)).toEqual([MEMBER.id]);
  });

  test("goes on where the page before ended", async () => {
    const { audit, page } = await openAudited();
    for (let number = 1; number <= 5; number += 1)
      await audit.record({ userId: OWNER.id, action: "x", subject: `${number}`, address: null, detail: "" });
    const first = await page("?limit=2");
    const second = await page(`?limit=2&before=${first.nextBefore}`);
    const third = await page(`?limit=2&before=${second.nextBefore}`);
    expect([first, second, third].map(({ entries }) => entries.map(({ id }) => id))).toEqual([
      [5, 4],
      [3, 2],
      [1],
    ]);
    expect(third.nextBefore).toBeNull();
  });

  test("takes no parameter that makes no sense", async () => {
    const { ask } = await openAudited();
    for (const query of ["?limit=0", "?limit=501", "?before=0", "?before=x", "?user=u_owner"])
      expect([query, (await ask("GET", `/audit${query}`)).status]).toEqual([query, 400]);
  });
});

describe("GET /api/audit/export", () => {
  test("gives all of it, one entry a line, and is itself recorded", async () => {
    const { ask, audit } = await openAudited();
    for (let number = 0; number < 1200; number += 1)
      await audit.record({ userId: null, action: "x", subject: `${number}`, address: null, detail: "a\nb" });
    const answer = await ask("GET", "/audit/export");
    expect(answer.headers.get("content-disposition")).toContain("attachment");
    const lines = (await answer.text()).trim().split("\n");
    const entries = lines.map((line) => AuditRecord.parse(JSON.parse(line)));
    expect(entries.map(({ id }) => id)).toEqual(Array.from({ length: 1201 }, (_, index) => 1201 - index));
    expect(entries[0]).toMatchObject({ action: "audit.exported", userId: OWNER.id });
  });

  test("gives a member only their own", async () => {
    const { ask } = await openAudited();
    await ask("PATCH", "/settings", {});
    const text = await (await ask("GET", "/audit/export", undefined, MEMBER.token)).text();
    expect(text.trim().split("\n")).toHaveLength(1);
  });
});

test("there is no way to change or remove an entry", async () => {
  const { ask, audit, page } = await openAudited();
  await audit.record({ userId: null, action: "x", subject: "", address: null, detail: "" });
  for (const method of ["POST", "PUT", "PATCH", "DELETE"])
    for (const path of ["/audit", "/audit/1", "/audit/export"])
      expect((await ask(method, path, {})).status).toBe(404);
  expect((await page()).entries).toHaveLength(1);
});
