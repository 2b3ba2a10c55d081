import { expect, test } from "bun:test";
import { AuditPage } from "@farhand/protocol";
import { appOver } from "../../test/app-over.ts";
import { newTask, OWNER, openStores, taskId } from "../../test/stores.ts";
import { describeChange } from "./audit-detail.ts";

test("a change is told by the fields that it names, with their values, on one bounded line", () => {
  expect(describeChange({ budgets: { day: { maxUsd: 5, maxTokens: null } }, defaultModel: "a\nb" })).toBe(
    'budgets.day.maxUsd=5, budgets.day.maxTokens=null, defaultModel="a\\nb"',
  );
  expect(describeChange({})).toBe("");
  expect(describeChange({ a: "x".repeat(5000) })).toHaveLength(1000);
});

test("changed settings and budgets are in the audit log with their values", async () => {
  const stores = await openStores();
  await stores.tasks.create(newTask(1));
  const app = appOver(stores);
  const ask = async (method: string, path: string, body?: unknown, key?: string) => {
    const answer = await app.request(`/api${path}`, {
      method,
      headers: {
        authorization: `Bearer ${OWNER.token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(key === undefined ? {} : { "idempotency-key": key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return answer.json();
  };
  await ask("PATCH", "/settings", { budgets: { day: { maxUsd: 5, maxTokens: null } } });
  await ask("PATCH", "/settings", { defaultModel: "claude-opus-5-5" }, "a-key");
  await ask("POST", `/tasks/${taskId(1)}/budget`, { maxTokens: 1000 });
  const { entries } = AuditPage.parse(await ask("GET", "/audit"));
  expect(entries.map(({ action, detail }) => [action, detail])).toEqual([
    ["budget.changed", "maxTokens=1000"],
    ["settings.changed", 'defaultModel="claude-opus-5-5"'],
    ["settings.changed", "budgets.day.maxUsd=5, budgets.day.maxTokens=null"],
  ]);
});
