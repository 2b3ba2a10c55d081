import { describe, expect, test } from "bun:test";
import { CostReport, Problem, Task } from "@farhand/protocol";
import { appOver } from "../../test/app-over.ts";
import { newTask, OWNER, openStores, taskId } from "../../test/stores.ts";

const usage = { inputTokens: 10, outputTokens: 20, cacheCreationInputTokens: 30, cacheReadInputTokens: 40 };

async function openApi() {
  const stores = await openStores();
  await stores.tasks.create(newTask(1));
  const app = appOver(stores);
  const ask = (method: string, path: string, body?: unknown) =>
    app.request(
      `/api${path}`,
      {
        method,
        headers: {
          authorization: `Bearer ${OWNER.token}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      { peer: { address: "127.0.0.1", isLoopback: true } },
    );
  return { ...stores, ask };
}

describe("POST /api/tasks/{id}/budget", () => {
  test("sets what is named and leaves the rest", async () => {
    const { ask } = await openApi();
    const set = async (body: unknown) =>
      Task.parse(await (await ask("POST", `/tasks/${taskId(1)}/budget`, body)).json()).budget;
    expect(await set({ maxUsd: 5 })).toEqual({ maxUsd: 5, maxTokens: null });
    expect(await set({ maxTokens: 1000 })).toEqual({ maxUsd: 5, maxTokens: 1000 });
    expect(await set({ maxUsd: null })).toEqual({ maxUsd: null, maxTokens: 1000 });
  });

  test("refuses amounts that are none", async () => {
    const { ask } = await openApi();
    for (const body of [
      {},
      { maxUsd: -1 },
      { maxUsd: "5" },
      { maxTokens: 1.5 },
      { maxUsd: 1e9 },
      { usd: 5 },
    ]) {
      const answer = await ask("POST", `/tasks/${taskId(1)}/budget`, body);
      expect([body, answer.status, Problem.parse(await answer.json()).code]).toEqual([
        body,
        400,
        "invalid_request",
      ]);
    }
  });
});

describe("GET /api/costs", () => {
  test("reports by day, model and task, for the days that are named", async () => {
    const { ask, log, time } = await openApi();
    const used = (model: string, costUsd: number | null) =>
      log.append(taskId(1), 1, [{ type: "model.used", model, usage, costUsd }]);
    await used("claude-x", 0.25);
    time.ms += 24 * 60 * 60_000;
    await used("claude-x", 0.5);
    await used("mystery", null);
    const report = async (query: string) =>
      CostReport.parse(await (await ask("GET", `/costs${query}`)).json());
    expect(
      (await report("")).rows.map(({ key, costUsd, unpricedTokens }) => [key, costUsd, unpricedTokens]),
    ).toEqual([
      ["2026-01-01", 0.25, 0],
      ["2026-01-02", 0.5, 100],
    ]);
    expect((await report("?by=model")).rows.map(({ key, modelCalls }) => [key, modelCalls])).toEqual([
      ["claude-x", 2],
      ["mystery", 1],
    ]);
    const one = await report("?by=task&from=2026-01-02&to=2026-01-02");
    expect(one).toMatchObject({
      rows: [{ key: taskId(1), modelCalls: 2 }],
      total: { costUsd: 0.5, inputTokens: 20 },
    });
    expect((await report("?to=2025-12-31")).rows).toEqual([]);
  });

  test("takes no parameter that makes no sense", async () => {
    const { ask } = await openApi();
    for (const query of ["?by=user", "?from=yesterday", "?to=2026-13-01", "?user=u_other"])
      expect([query, (await ask("GET", `/costs${query}`)).status]).toEqual([query, 400]);
  });
});
