import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClaudeSimulator, startClaudeSimulator } from "@farhand/simulators/claude";
import { type GitHubSimulator, startGitHubSimulator } from "@farhand/simulators/github";
import { checkKey, type TriedKey } from "./check-key.ts";

const SECRET = "sk-canary-0123456789";
const root = await mkdtemp(join(tmpdir(), "farhand-check-"));
let claude: ClaudeSimulator;
let github: GitHubSimulator;
beforeAll(async () => {
  claude = await startClaudeSimulator({ apiKeys: [SECRET] });
  github = await startGitHubSimulator({ tokens: { [SECRET]: "octo" }, root });
});
afterAll(async () => {
  await claude[Symbol.asyncDispose]();
  await github[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

const check = (key: Partial<TriedKey>) =>
  checkKey(
    {
      ...{
        purpose: "model",
        apiUrl: claude.url,
        secret: SECRET,
        isBearer: false,
        model: "claude-sonnet-5-5",
      },
      ...key,
    },
    fetch,
  );

/** A service that answers as the test says. */
async function against(
  answer: (request: Request) => Response | Promise<Response>,
  key: Partial<TriedKey> = {},
) {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: answer });
  try {
    return await check({ apiUrl: `http://127.0.0.1:${server.port}`, ...key });
  } finally {
    await server.stop(true);
  }
}

describe("a model key", () => {
  test("that the API takes is ok", async () => {
    expect(await check({})).toMatchObject({ check: "ok", message: expect.stringContaining("takes the key") });
  });

  test("that it does not take is refused in its own words, without the key", async () => {
    const result = await check({ secret: "sk-wrong-0123456789" });
    expect(result).toMatchObject({ check: "refused", message: expect.stringContaining("invalid x-api-key") });
  });

  test("is not proved by a list of models, which many services give to everybody", async () => {
    const isOpen = (request: Request) => new URL(request.url).pathname === "/v1/models";
    const models = { data: [{ id: "house-model-1" }] };
    const refusing = (request: Request) =>
      isOpen(request)
        ? Response.json(models)
        : Response.json({ error: { message: "no such key" } }, { status: 401 });
    expect(await against(refusing)).toMatchObject({
      check: "refused",
      message: expect.stringContaining("no such key"),
    });
    const listing = (request: Request) =>
      isOpen(request) ? Response.json(models) : new Response("", { status: 404 });
    expect(await against(listing)).toMatchObject({
      check: "unreachable",
      message: expect.stringContaining("It lists models, but"),
    });
  });

  test("is tried by counting tokens, and says that it was", async () => {
    const asked: string[] = [];
    const result = await against((request) => {
      asked.push(`${request.method} ${new URL(request.url).pathname}`);
      return Response.json({ input_tokens: 3 });
    });
    expect(result).toMatchObject({ check: "ok", message: expect.stringContaining("costs nothing") });
    expect(asked).toEqual(["POST /v1/messages/count_tokens"]);
  });

  test("is tried with one token of a listed model where tokens cannot be counted, and says what it may cost", async () => {
    const bodies: unknown[] = [];
    const answer = async (request: Request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/v1/models") return Response.json({ data: [{ id: "house-model-1" }] });
      if (pathname !== "/v1/messages") return new Response("", { status: 404 });
      bodies.push(await request.json());
      return request.headers.get("x-api-key") === SECRET
        ? Response.json({ type: "message" })
        : Response.json({ error: "no" }, { status: 401 });
    };
    expect(await against(answer)).toMatchObject({
      check: "ok",
      message: expect.stringContaining("one token, which it may bill"),
    });
    expect(await against(answer, { secret: "sk-wrong-0123456789" })).toMatchObject({ check: "refused" });
    expect(bodies[0]).toMatchObject({ model: "house-model-1", max_tokens: 1 });
  });

  test("goes as a bearer token where that was said, and not as x-api-key too", async () => {
    await using strict = await startClaudeSimulator({ apiKeys: [SECRET], header: "bearer" });
    expect(await check({ apiUrl: strict.url, isBearer: true })).toMatchObject({ check: "ok" });
    expect(await check({ apiUrl: strict.url })).toMatchObject({ check: "refused" });
    const headers: Headers[] = [];
    await against(
      (request) => {
        headers.push(request.headers);
        return Response.json({});
      },
      { isBearer: true },
    );
    expect(headers.map((it) => [it.get("authorization"), it.get("x-api-key")])).toEqual([
      [`Bearer ${SECRET}`, null],
    ]);
  });

  test("for an address that is another service is not kept for good", async () => {
    expect(await against(() => new Response("", { status: 404 }))).toMatchObject({
      check: "unreachable",
      message: expect.stringContaining("before /v1/messages"),
    });
    expect(await against(() => new Response("", { status: 529 }))).toMatchObject({ check: "unreachable" });
    const redirect = () =>
      new Response("", { status: 302, headers: { location: "http://169.254.169.254/" } });
    expect(await against(redirect)).toMatchObject({ check: "unreachable" });
  });

  test("cannot be tried where nobody answers", async () => {
    expect(await check({ apiUrl: "http://127.0.0.1:1" })).toMatchObject({
      check: "unreachable",
      message: expect.stringContaining("127.0.0.1:1 cannot be reached"),
    });
  });

  test("is cut out of what the service says, which is kept to one short line", async () => {
    const echo = (request: Request) =>
      Response.json(
        { error: { message: `no\u001b[31m ${request.headers.get("x-api-key")}\n${"x".repeat(5000)}` } },
        { status: 401 },
      );
    const { message } = await against(echo);
    expect(message).not.toContain(SECRET);
    expect(message).toContain("[redacted]");
    expect(message).not.toMatch(/\p{Cc}/u);
    expect(message.length).toBeLessThan(400);
  });
});

describe("a forge's token", () => {
  test("of GitHub is tried by asking whose it is", async () => {
    const result = await check({ purpose: "github", apiUrl: github.apiUrl });
    expect(result).toMatchObject({ check: "ok", message: expect.stringContaining("octo") });
    expect(await check({ purpose: "github", apiUrl: github.apiUrl, secret: "wrong" })).toMatchObject({
      check: "refused",
      message: expect.stringContaining("Bad credentials"),
    });
  });

  test("of GitHub that cannot push says so", async () => {
    const answer = () =>
      Response.json({ login: "octo" }, { headers: { "x-oauth-scopes": "read:user, gist" } });
    expect((await against(answer, { purpose: "github" })).message).toContain("has not the scope repo");
    const good = () => Response.json({ login: "octo" }, { headers: { "x-oauth-scopes": "repo, gist" } });
    expect((await against(good, { purpose: "github" })).message).not.toContain("scope");
  });

  test("of GitLab goes in GitLab's own header", async () => {
    const answer = (request: Request) => {
      if (new URL(request.url).pathname !== "/api/v4/user") return new Response("", { status: 404 });
      return request.headers.get("private-token") === SECRET
        ? Response.json({ username: "tanuki" })
        : Response.json({ message: "401 Unauthorized" }, { status: 401 });
    };
    expect(await against(answer, { purpose: "gitlab" })).toMatchObject({
      check: "ok",
      message: expect.stringContaining("tanuki"),
    });
    expect(await against(answer, { purpose: "gitlab", secret: "other" })).toMatchObject({
      check: "refused",
      message: expect.stringContaining("401 Unauthorized"),
    });
  });
});
