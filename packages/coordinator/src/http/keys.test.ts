import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { KeyInfo, KeyList, Problem, SecretList } from "@farhand/protocol";
import { type ClaudeSimulator, startClaudeSimulator } from "@farhand/simulators/claude";
import { appOver } from "../../test/app-over.ts";
import { NO_SERVER_KEYS, OWNER, openStores } from "../../test/stores.ts";

const KEY = "sk-ant-canary-0123456789abcd";
const VALUE = "canary-value-0123456789wxyz";

let claude: ClaudeSimulator;
beforeAll(async () => {
  claude = await startClaudeSimulator({ apiKeys: [KEY] });
});
afterAll(() => claude[Symbol.asyncDispose]());

async function openApi() {
  const stores = await openStores(":memory:", { server: { ...NO_SERVER_KEYS, anthropicUrl: claude.url } });
  const app = appOver(stores);
  const ask = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    app.request(
      `/api${path}`,
      {
        method,
        headers: {
          authorization: `Bearer ${OWNER.token}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      { peer: { address: "127.0.0.1", isLoopback: true } },
    );
  const audited = async () =>
    (await stores.audit.list({ before: null, limit: 100, userId: null })).map(
      ({ action, subject, detail }) => [action, subject, detail],
    );
  return { ...stores, ask, audited };
}

const problemOf = async (answer: Response) => Problem.parse(await answer.json());

describe("PUT /api/keys", () => {
  test("keeps a key that the service takes, shows its last four characters, and is recorded without it", async () => {
    const { ask, audited } = await openApi();
    const answer = await ask("PUT", "/keys", { purpose: "model", key: KEY });
    const text = await answer.text();
    expect(answer.status).toBe(200);
    expect(KeyInfo.parse(JSON.parse(text))).toMatchObject({ check: "ok", lastFour: "abcd" });
    expect(text).not.toContain(KEY);
    const { host } = new URL(claude.url);
    await ask("PUT", "/keys", { purpose: "model", key: KEY });
    expect(await audited()).toEqual([
      ["key.replaced", `model ${host}`, "ok"],
      ["key.added", `model ${host}`, "ok"],
    ]);
  });

  test("refuses one that the service does not take, and says so in its words", async () => {
    const { ask, audited } = await openApi();
    const answer = await ask("PUT", "/keys", { purpose: "model", key: "sk-ant-wrong-0123456789" });
    expect(answer.status).toBe(400);
    const problem = await problemOf(answer);
    expect(problem).toMatchObject({
      code: "key_refused",
      detail: expect.stringContaining("invalid x-api-key"),
    });
    expect(JSON.stringify(problem)).not.toContain("sk-ant-wrong");
    expect(await audited()).toEqual([]);
  });

  test("keeps one that cannot be tried only when that is asked for", async () => {
    const { ask } = await openApi();
    const key = { purpose: "github", baseUrl: "http://127.0.0.1:1/", key: "ghp_0123456789abcdef" };
    const answer = await ask("PUT", "/keys", key);
    expect([answer.status, (await problemOf(answer)).code]).toEqual([503, "key_unreachable"]);
    const kept = KeyInfo.parse(await (await ask("PUT", "/keys?unchecked=true", key)).json());
    expect(kept).toMatchObject({ check: "unchecked", baseUrl: "http://127.0.0.1:1", host: "127.0.0.1:1" });
  });

  test("repeats nothing of a body that makes no sense", async () => {
    const { ask } = await openApi();
    for (const body of [
      { purpose: "model", key: `${KEY} with a space` },
      { purpose: "else", key: KEY },
      { purpose: "model", key: "" },
      { purpose: "model", key: "discount" },
      { purpose: "model", key: KEY, baseUrl: `https://user:${KEY}@example.com` },
      { purpose: "model", key: KEY, baseUrl: "file:///etc/passwd" },
    ]) {
      const answer = await ask("PUT", "/keys", body);
      const text = await answer.text();
      expect([answer.status, text.includes(KEY)]).toEqual([400, false]);
    }
    expect((await ask("PUT", "/keys?unchecked=yes", { purpose: "model", key: KEY })).status).toBe(400);
  });

  test("refuses a word that is too short for a key, and says how long one is", async () => {
    const { ask } = await openApi();
    const answer = await ask("PUT", "/keys?unchecked=true", { purpose: "model", key: "function-discou" });
    expect([answer.status, (await problemOf(answer)).detail]).toEqual([
      400,
      expect.stringContaining("at least 16 characters"),
    ]);
  });

  test("leaves no trace of it in the database, not even of a request with an idempotency key", async () => {
    const { ask, database } = await openApi();
    await ask("PUT", "/keys", { purpose: "model", key: KEY }, { "idempotency-key": "k1" });
    await ask(
      "PUT",
      "/secrets",
      { repository: "/srv/n", name: "A", value: VALUE },
      { "idempotency-key": "k2" },
    );
    expect(await database.selectFrom("requests").selectAll().execute()).toEqual([]);
    for (const table of ["keys", "repository_secrets", "audit"] as const) {
      const rows = JSON.stringify(await database.selectFrom(table).selectAll().execute());
      expect([rows.length > 2, rows.includes(KEY), rows.includes(VALUE)]).toEqual([true, false, false]);
    }
  });
});

test("a key can be listed, tried again and removed, and what is not there is not found", async () => {
  const { ask, audited } = await openApi();
  const { id } = KeyInfo.parse(
    await (await ask("PUT", "/keys?unchecked=true", { purpose: "model", key: KEY })).json(),
  );
  expect(KeyInfo.parse(await (await ask("POST", `/keys/${id}/check`)).json()).check).toBe("ok");
  expect(KeyList.parse(await (await ask("GET", "/keys")).json()).keys).toMatchObject([{ id, check: "ok" }]);
  expect(KeyList.parse(await (await ask("DELETE", `/keys/${id}`)).json()).keys).toEqual([]);
  expect((await ask("DELETE", `/keys/${id}`)).status).toBe(404);
  expect((await ask("POST", `/keys/${id}/check`)).status).toBe(404);
  expect((await ask("DELETE", "/keys/not-an-id")).status).toBe(400);
  expect((await audited())[0]?.[0]).toBe("key.removed");
});

describe("secrets of a repository", () => {
  const put = { repository: "https://github.com/o/n", name: "TOKEN", value: VALUE };

  test("are for the setup alone unless it is said otherwise, which is answered with a warning", async () => {
    const { ask, audited } = await openApi();
    const quiet = SecretList.parse(await (await ask("PUT", "/secrets", put)).json());
    expect(quiet).toMatchObject({
      warning: null,
      secrets: [{ name: "TOKEN", isForAgent: false, lastFour: "wxyz" }],
    });
    const loud = SecretList.parse(await (await ask("PUT", "/secrets", { ...put, isForAgent: true })).json());
    expect(loud.warning).toContain("model's provider");
    expect((await audited()).map(([action, , detail]) => [action, detail])).toEqual([
      ["secret.set", "for the agent too"],
      ["secret.set", "for the setup alone"],
    ]);
  });

  test("of fewer than 8 characters are never the agent's, whose events would show them, and are warned of", async () => {
    const { ask, audited } = await openApi();
    const short = { ...put, value: "hunter2" };
    const answer = await ask("PUT", "/secrets", { ...short, isForAgent: true });
    const problem = await problemOf(answer);
    expect([answer.status, problem.detail]).toEqual([400, expect.stringContaining("at least 8 characters")]);
    expect(JSON.stringify(problem)).not.toContain("hunter2");
    expect(await audited()).toEqual([]);
    const quiet = SecretList.parse(await (await ask("PUT", "/secrets", short)).json());
    expect(quiet.warning).toContain("fewer than 8 characters");
  });

  test("are listed for one repository or for all, and removed by name", async () => {
    const { ask } = await openApi();
    await ask("PUT", "/secrets", put);
    await ask("PUT", "/secrets", { ...put, repository: "/srv/other" });
    const list = async (query: string) =>
      SecretList.parse(await (await ask("GET", `/secrets${query}`)).json()).secrets.map(
        ({ repository }) => repository,
      );
    expect(await list("")).toEqual(["/srv/other", "github.com/o/n"]);
    expect(await list("?repository=git@github.com:o/n.git")).toEqual(["github.com/o/n"]);
    const gone = await ask("DELETE", "/secrets?repository=/srv/other&name=TOKEN");
    expect(SecretList.parse(await gone.json()).secrets).toEqual([]);
    expect((await ask("DELETE", "/secrets?repository=/srv/other&name=TOKEN")).status).toBe(404);
  });

  test("cannot take the place of what steers the worker, its shell or git", async () => {
    const { ask } = await openApi();
    for (const name of [
      "PATH",
      "HOME",
      "LD_PRELOAD",
      "GIT_SSH_COMMAND",
      "FARHAND_X",
      "ANTHROPIC_API_KEY",
      "BASH_ENV",
      "1A",
      "A-B",
      "",
    ])
      expect([name, (await ask("PUT", "/secrets", { ...put, name })).status]).toEqual([name, 400]);
  });
});
