import { describe, expect, test } from "bun:test";
import { AuditPage, CostReport, MemberInfo, MemberList, Problem, Settings } from "@farhand/protocol";
import { appOver } from "../../test/app-over.ts";
import { newTask, OWNER, openStores, taskId } from "../../test/stores.ts";

const MEMBER = { id: "u_member", login: "member", token: "fho_member-token-for-tests" };
const usage = { inputTokens: 10, outputTokens: 20, cacheCreationInputTokens: 30, cacheReadInputTokens: 40 };
const NONE = { maxUsd: null, maxTokens: null };

async function openApi() {
  const stores = await openStores();
  await stores.users.setOwner(MEMBER);
  await stores.tasks.create(newTask(1));
  await stores.tasks.create(newTask(2, { userId: MEMBER.id }));
  await stores.database.updateTable("users").set({ role: "member" }).where("id", "=", MEMBER.id).execute();
  const app = appOver(stores);
  const ask = (method: string, path: string, body?: unknown, token = OWNER.token) =>
    app.request(
      `/api${path}`,
      {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      { peer: { address: "203.0.113.9", isLoopback: false } },
    );
  const cap = async (change: unknown) =>
    MemberInfo.parse(await (await ask("PATCH", `/members/${MEMBER.id}`, { cap: change })).json()).cap;
  return { ...stores, ask, cap };
}

describe("PATCH /api/members/{id}", () => {
  test("caps what is named and leaves the rest, and null takes all of it away", async () => {
    const { cap } = await openApi();
    const day = { maxUsd: 5, maxTokens: null };
    const user = { maxUsd: null, maxTokens: 1_000_000 };
    expect(await cap({ day })).toEqual({ day, user: NONE });
    expect(await cap({ user })).toEqual({ day, user });
    expect(await cap({ day: NONE })).toEqual({ day: NONE, user });
    expect(await cap(null)).toBeNull();
  });

  test("is for the owner alone, and not about the owner", async () => {
    const { ask, memberCaps } = await openApi();
    const change = { cap: { day: { maxUsd: 1000, maxTokens: null } } };
    const own = await ask("PATCH", `/members/${MEMBER.id}`, change, MEMBER.token);
    expect(own.status).toBe(404);
    for (const id of [OWNER.id, "u_nobody"])
      expect((await ask("PATCH", `/members/${id}`, change)).status).toBe(404);
    expect(await memberCaps.get(MEMBER.id)).toBeNull();
    expect(await memberCaps.get(OWNER.id)).toBeNull();
  });

  test("refuses amounts that are none", async () => {
    const { ask } = await openApi();
    for (const body of [
      {},
      { cap: 5 },
      { cap: { day: { maxUsd: -1, maxTokens: null } } },
      { cap: { task: NONE } },
      { cap: null, role: "owner" },
    ]) {
      const answer = await ask("PATCH", `/members/${MEMBER.id}`, body);
      expect([body, Problem.parse(await answer.json()).code]).toEqual([body, "invalid_request"]);
    }
  });

  test("is in the audit log with its values", async () => {
    const { ask, cap } = await openApi();
    await cap({ day: { maxUsd: 5, maxTokens: null } });
    const { entries } = AuditPage.parse(await (await ask("GET", "/audit")).json());
    expect(entries[0]).toMatchObject({
      userId: OWNER.id,
      action: "member.cap_changed",
      subject: MEMBER.id,
      detail:
        "member: cap.day.maxUsd=5, cap.day.maxTokens=null, cap.user.maxUsd=null, cap.user.maxTokens=null",
    });
  });

  test("is seen by the member among their settings, who cannot change it there", async () => {
    const { ask, cap } = await openApi();
    const settings = async () =>
      Settings.parse(await (await ask("GET", "/settings", undefined, MEMBER.token)).json());
    expect("cap" in (await settings())).toBe(false);
    await cap({ day: { maxUsd: 5, maxTokens: null } });
    const capped = { day: { maxUsd: 5, maxTokens: null }, user: NONE };
    expect((await settings()).cap).toEqual(capped);
    expect((await ask("PATCH", "/settings", { cap: capped }, MEMBER.token)).status).toBe(400);
    const changed = await ask("PATCH", "/settings", { budgets: { day: NONE } }, MEMBER.token);
    expect(Settings.parse(await changed.json()).cap).toEqual(capped);
  });
});

test("the owner sees what each member has spent, today and ever, and their caps", async () => {
  const { ask, log, time, cap } = await openApi();
  const used = (task: number, costUsd: number) =>
    log.append(taskId(task), 1, [{ type: "model.used", model: "m", usage, costUsd }]);
  await used(1, 1);
  await used(2, 2);
  time.ms += 24 * 60 * 60_000;
  await used(2, 0.5);
  await cap({ user: { maxUsd: 10, maxTokens: null } });
  const { members } = MemberList.parse(await (await ask("GET", "/members")).json());
  // Both have joined in the same moment.
  members.sort((a, b) => b.role.localeCompare(a.role));
  expect(members.map(({ login, role, cap: capped, spent }) => [login, role, capped, spent])).toEqual([
    ["owner", "owner", null, { today: { usd: 0, tokens: 0 }, ever: { usd: 1, tokens: 100 } }],
    [
      "member",
      "member",
      { day: NONE, user: { maxUsd: 10, maxTokens: null } },
      { today: { usd: 0.5, tokens: 100 }, ever: { usd: 2.5, tokens: 200 } },
    ],
  ]);
  expect((await ask("GET", "/members", undefined, MEMBER.token)).status).toBe(403);
});

test("costs by member are everybody's, for the owner alone", async () => {
  const { ask, log, members } = await openApi();
  for (const task of [1, 2])
    await log.append(taskId(task), 1, [{ type: "model.used", model: "m", usage, costUsd: task }]);
  const report = async () => CostReport.parse(await (await ask("GET", "/costs?by=member")).json());
  expect((await report()).rows.map(({ key, costUsd }) => [key, costUsd])).toEqual([
    ["member", 2],
    ["owner", 1],
  ]);
  expect((await report()).total.costUsd).toBe(3);
  const refused = await ask("GET", "/costs?by=member", undefined, MEMBER.token);
  expect(Problem.parse(await refused.json()).code).toBe("owner_only");
  // What somebody has spent stays when they are removed.
  await members.remove(MEMBER.id);
  expect((await report()).rows.map(({ costUsd }) => costUsd)).toEqual([2, 1]);
  // Each sees their own by the other groupings still.
  const own = CostReport.parse(await (await ask("GET", "/costs?by=model")).json());
  expect(own.total.costUsd).toBe(1);
});
