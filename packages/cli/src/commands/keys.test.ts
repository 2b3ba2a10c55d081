import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Budgets, CostReport, KeyInfo, KeyList, SecretList, Settings } from "@farhand/protocol";
import { runFarhand } from "../../test/start-farhand.ts";

const TOKEN = "fho_token-for-tests";
const KEY = "sk-ant-canary-0123456789abcd";
const none = { maxUsd: null, maxTokens: null };
let settings: Settings;
let keyList: KeyList;

const info: KeyInfo = {
  id: "k_01k9z3k4m5n6p7q8r9s0t1v2w3",
  purpose: "model",
  baseUrl: "https://api.anthropic.com",
  host: "api.anthropic.com",
  lastFour: "abcd",
  addedAt: "2026-01-02T03:04:05.678Z",
  check: "ok",
  checkedAt: "2026-01-02T03:04:05.678Z",
  // A service's own words could steer the terminal.
  checkMessage: "api.anthropic.com takes the key.\u001b[2J",
  isBearer: false,
};
const counts = {
  modelCalls: 3,
  inputTokens: 1000,
  outputTokens: 200,
  cacheCreationInputTokens: 3000,
  cacheReadInputTokens: 6000,
  costUsd: 1.5,
  unpricedTokens: 0,
};
const report: CostReport = {
  by: "model",
  from: null,
  to: null,
  rows: [
    { key: "claude-sonnet-5-5", ...counts },
    { key: "mystery", ...counts, costUsd: 0, unpricedTokens: 10_200 },
  ],
  total: { ...counts, modelCalls: 6, unpricedTokens: 10_200 },
};

interface Asked {
  method: string;
  path: string;
  body: unknown;
}
let asked: Asked[] = [];
let server: Bun.Server<undefined>;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "farhand-cli-"));
  server = Bun.serve({
    port: 0,
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const body = request.method === "GET" ? null : await request.json().catch(() => null);
      if (pathname === "/api/settings" && request.method === "GET") return Response.json(settings);
      asked.push({ method: request.method, path: pathname + search, body });
      return answer(request.method, pathname, body);
    },
  });
});
beforeEach(() => {
  asked = [];
  keyList = { keys: [info], serverKeys: [] };
  settings = { defaultModel: "claude-sonnet-5-5", budgets: { task: none, day: none, user: none } };
});
afterAll(async () => {
  await server.stop(true);
  await rm(folder, { recursive: true, force: true });
});

function answer(method: string, path: string, body: unknown): Response {
  if (path === "/api/keys") return Response.json(method === "PUT" ? info : keyList);
  if (path === `/api/keys/${info.id}`) return Response.json({ keys: [], serverKeys: [] });
  if (path.endsWith("/check"))
    return Response.json({ ...info, check: "refused", checkMessage: "It is expired." });
  if (path === "/api/costs") return Response.json(report);
  if (path === "/api/secrets") {
    const list: SecretList = {
      secrets: [],
      warning: (body as { isForAgent?: boolean })?.isForAgent ? "Beware." : null,
    };
    return Response.json(list);
  }
  if (path === "/api/settings") {
    const { budgets } = body as { budgets: Partial<Budgets> };
    return Response.json({ ...settings, budgets: { ...settings.budgets, ...budgets } });
  }
  return new Response(null, { status: 404 });
}

const farhand = (argv: string[], stdin = "") =>
  runFarhand(argv, { data: folder, url: server.url.origin, token: TOKEN, stdin });

test("keys add reads the key from standard input, and shows no more of it than the server does", async () => {
  const { stdout: out, exitCode } = await farhand(["keys", "add", "model"], `${KEY}\n`);
  expect(exitCode).toBe(0);
  expect(out).toContain("model  api.anthropic.com …abcd");
  expect(out).not.toContain(KEY);
  expect(out).not.toContain("\u001b[2J");
  expect(asked).toEqual([{ method: "PUT", path: "/api/keys", body: { purpose: "model", key: KEY } }]);
});

test("keys tells of the server's own keys, and of none only where there is none", async () => {
  keyList = { keys: [], serverKeys: [{ purpose: "model", host: "api.anthropic.com" }] };
  const { stdout: out } = await farhand(["keys"]);
  expect(out).toContain("model  api.anthropic.com  the server's own key");
  expect(out).not.toContain("You have no keys");
  keyList = { keys: [], serverKeys: [] };
  expect((await farhand(["keys"])).stdout).toContain("You have no keys here");
});

test("keys add takes the name of the model's maker, and names the words to use for any other", async () => {
  for (const name of ["anthropic", "claude"]) await farhand(["keys", "add", name], KEY);
  expect(asked.map(({ body }) => body)).toEqual([
    { purpose: "model", key: KEY },
    { purpose: "model", key: KEY },
  ]);
  const { exitCode, stdout: out, stderr: complaints } = await farhand(["keys", "add", "openai"], KEY);
  expect([exitCode, out + complaints]).toEqual([
    2,
    expect.stringContaining("Say model for a key of Claude or another model, or github or gitlab"),
  ]);
});

test("keys add can name another address, and keep the key untried", async () => {
  await farhand(["keys", "add", "gitlab", "--url", "https://gitlab.example.com/", "--unchecked"], KEY);
  expect(asked).toEqual([
    {
      method: "PUT",
      path: "/api/keys?unchecked=true",
      body: { purpose: "gitlab", baseUrl: "https://gitlab.example.com", key: KEY },
    },
  ]);
});

test("keys add can say that a model key goes as a bearer token, and a forge's cannot", async () => {
  await farhand(["keys", "add", "model", "--url", "https://models.example.com", "--bearer"], KEY);
  expect(asked.map(({ body }) => body)).toEqual([
    { purpose: "model", baseUrl: "https://models.example.com", key: KEY, isBearer: true },
  ]);
  expect((await farhand(["keys", "add", "github", "--bearer"], KEY)).exitCode).toBe(2);
});

test("a key that cannot be one is refused without asking the server, and not repeated", async () => {
  const { stdout: out, stderr: complaints, exitCode } = await farhand(["keys", "add", "model"], "two words");
  expect([exitCode, asked]).toEqual([2, []]);
  expect(out + complaints).toContain("no spaces");
  expect(out + complaints).not.toContain("two words");
  expect((await farhand(["keys", "add", "model", KEY])).exitCode).toBe(2);
});

test("keys are named by host, purpose or the end of their id, and checking tells by its exit code", async () => {
  for (const name of ["api.anthropic.com", "model", info.id.slice(-6)]) {
    const { stdout: out, exitCode } = await farhand(["keys", "check", name]);
    expect([exitCode, out.includes("It is expired.")]).toEqual([1, true]);
  }
  expect((await farhand(["keys", "remove", "github"])).exitCode).toBe(2);
  expect((await farhand(["keys", "remove", "model"])).exitCode).toBe(0);
  expect(asked.at(-1)).toMatchObject({ method: "DELETE", path: `/api/keys/${info.id}` });
});

test("secrets set reads the value from standard input, and shows the server's warning", async () => {
  const { stdout: out } = await farhand(
    ["secrets", "set", "github.com/o/n", "TOKEN", "--for-agent"],
    "a long value\n",
  );
  expect(out).toContain("Beware.");
  expect(asked).toEqual([
    {
      method: "PUT",
      path: "/api/secrets",
      body: { repository: "https://github.com/o/n", name: "TOKEN", value: "a long value", isForAgent: true },
    },
  ]);
  const quiet = await farhand(["secrets", "set", "/srv/n", "TOKEN", "--json"], "a value");
  expect(JSON.parse(quiet.stdout)).toEqual({ secrets: [], warning: null });
  expect((await farhand(["secrets", "set", "/srv/n", "LD_PRELOAD"], "x")).exitCode).toBe(2);
});

test("secrets set refuses a value for the agent that is too short to be cut out, before the server is asked", async () => {
  const short = await farhand(["secrets", "set", "/srv/n", "PIN", "--for-agent"], "hunter2");
  expect([short.exitCode, asked]).toEqual([2, []]);
  expect(short.stdout + short.stderr).toContain("at least 8 characters");
  expect(short.stdout + short.stderr).not.toContain("hunter2");
});

test("costs shows one line for each, and says where prices are not known", async () => {
  const { stdout: out } = await farhand(["costs", "--by", "model", "--from", "2026-01-01"]);
  expect(out.split("\n").map((line) => line.trim().replace(/ {2,}/g, " | "))).toEqual([
    "model | cost | calls | tokens in | out",
    "claude-sonnet-5-5 | $1.50 | 3 | 10k | 200",
    "mystery | price not known | 3 | 10k | 200",
    "in all | $1.50 and calls of no known price | 6 | 10k | 200",
    "",
  ]);
  expect(asked[0]?.path).toBe("/api/costs?by=model&from=2026-01-01");
});

test("budget sets your own limits one by one, and shows them", async () => {
  const { stdout: out } = await farhand(["budget", "--day", "--usd", "12.50"]);
  expect(out).toContain("all tasks in a day    $12.50");
  expect(asked).toEqual([
    { method: "PATCH", path: "/api/settings", body: { budgets: { day: { maxUsd: 12.5, maxTokens: null } } } },
  ]);
  settings.budgets.day = { maxUsd: 12.5, maxTokens: null };
  await farhand(["budget", "--day", "--usd", "none", "--tokens", "1000000"]);
  expect(asked.at(-1)?.body).toEqual({ budgets: { day: { maxUsd: null, maxTokens: 1_000_000 } } });
  expect((await farhand(["budget"])).stdout).toContain("as much as it takes");
});

test("budget tells of the owner's cap, which no limit of your own lifts", async () => {
  expect((await farhand(["budget"])).stdout).not.toContain("owner");
  settings.cap = { day: { maxUsd: 5, maxTokens: null }, user: none };
  const { stdout: out } = await farhand(["budget", "--day", "--usd", "100"]);
  expect(out).toContain("all tasks in a day    $100.00");
  expect(out).toContain("The server's owner lets you spend $5.00 a day, and only they can raise that.");
});

test("a budget that makes no sense is wrong usage", async () => {
  for (const argv of [
    ["--day"],
    ["--day", "--user", "--usd", "1"],
    ["--day", "--usd", "-1"],
    ["--day", "--tokens", "1.5"],
    ["abcdef", "--day", "--usd", "1"],
  ])
    expect([argv, (await farhand(["budget", ...argv])).exitCode]).toEqual([argv, 2]);
  expect((await farhand(["budget", "--day"])).stdout).toContain("No amount is named.");
  expect(asked).toEqual([]);
});

test("rotate-master-key says what is wrong where there is nothing to rotate", async () => {
  const { stdout: out, exitCode } = await farhand(["rotate-master-key"]);
  expect(exitCode).toBe(1);
  expect(out).toContain("There is no data of Farhand");
});
