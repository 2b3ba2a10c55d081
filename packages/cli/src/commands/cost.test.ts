import { afterAll, afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BudgetUse, Task } from "@farhand/protocol";
import { TASK_ID } from "../../test/canned-run.ts";
import { TASK } from "../../test/fake-server.ts";
import { runFarhand } from "../../test/start-farhand.ts";

const NONE = { maxUsd: null, maxTokens: null };
const ENDING = TASK_ID.slice(-6);
const usage = { inputTokens: 100, outputTokens: 20, cacheCreationInputTokens: 30, cacheReadInputTokens: 50 };

const folder = await mkdtemp(join(tmpdir(), "farhand-cli-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

let task: Task;
/** What the server makes of the task when its budget is set. */
let after: Partial<Task>;
let asked: unknown[];
let server: Bun.Server<undefined>;
beforeEach(() => {
  task = { ...TASK, costUsd: 0.0123, usage };
  after = {};
  asked = [];
  server = Bun.serve({
    port: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/api/settings")
        return Response.json({
          defaultModel: "claude-sonnet-5-5",
          budgets: { task: NONE, day: NONE, user: NONE },
        });
      if (request.method === "POST") {
        asked.push(await request.json());
        return Response.json({ ...task, ...after });
      }
      return Response.json(task);
    },
  });
});
afterEach(() => server.stop(true));

const budget = async (...argv: string[]) => {
  const ran = await runFarhand(["budget", TASK_ID, ...argv], {
    data: folder,
    url: server.url.origin,
    token: "fho_token-for-tests",
  });
  return {
    ...ran,
    lines: ran.stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.trim()),
  };
};

const reached = (change: Partial<BudgetUse>): Partial<Task> => ({
  state: "waiting",
  budgetReached: {
    scope: "task",
    limit: { maxUsd: 0.00001, maxTokens: null },
    spent: { usd: 0.0123, tokens: 200 },
    ...change,
  },
});

test("without an amount shows what the task may spend and has spent, and changes nothing", async () => {
  task.budget = { maxUsd: 5, maxTokens: null };
  const { lines, exitCode } = await budget();
  expect([exitCode, asked]).toEqual([0, []]);
  expect(lines).toEqual(["The task may spend $5.00 in all. It has spent $0.0123, 200 tokens."]);
});

test("without an amount tells what a waiting task waits for", async () => {
  Object.assign(task, reached({ scope: "day", limit: { maxUsd: 0.01, maxTokens: null } }));
  expect((await budget()).lines.slice(1)).toEqual([
    "It waits. Used up: $0.0123 of $0.0100 for today (UTC).",
    `Raise it with farhand budget --day --usd AMOUNT, or end the turn with farhand stop ${ENDING}.`,
  ]);
});

test("says that it is this limit which is used up when it was raised too little", async () => {
  after = { ...reached({}), budget: { maxUsd: 0.00001, maxTokens: null } };
  const { lines } = await budget("--usd", "0.00001");
  expect(asked).toEqual([{ maxUsd: 0.00001 }]);
  expect(lines).toEqual([
    "✓ The task may spend $0.00001 in all. It has spent $0.0123, 200 tokens.",
    "It still waits. Used up: $0.0123 of $0.00001 for this task.",
    `Raise it with farhand budget ${ENDING} --usd AMOUNT, or end the turn with farhand stop ${ENDING}.`,
  ]);
});

test("says what is missing when only the tokens were raised", async () => {
  const limit = { maxUsd: 0.01, maxTokens: 1_000_000 };
  after = { ...reached({ limit }), budget: limit };
  const { lines } = await budget("--tokens", "1000000");
  expect(lines.slice(1)).toEqual([
    "It still waits. Used up: $0.0123 of $0.0100, 200 of 1.0M tokens for this task.",
    `Raise it with farhand budget ${ENDING} --usd AMOUNT, or end the turn with farhand stop ${ENDING}.`,
  ]);
});

test("says that another limit is used up, and which, and that only the owner can raise their cap", async () => {
  after = { ...reached({ scope: "user", isCap: true, limit: { maxUsd: 0.01, maxTokens: null } }) };
  const { lines } = await budget("--usd", "none");
  expect(lines.slice(1)).toEqual([
    "It still waits. Used up: $0.0123 of $0.0100 for all your tasks together, capped by the owner.",
    `Only the server's owner can raise it. End the turn with farhand stop ${ENDING}, or ask them.`,
  ]);
});
