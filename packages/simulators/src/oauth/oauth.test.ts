import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGitHubSimulator } from "../github/server.ts";
import { startGitLabSimulator } from "../gitlab/server.ts";

const APP = { clientId: "an-app", clientSecret: "a-secret", redirectUri: "http://127.0.0.1:9/callback" };
const VERIFIER = "a".repeat(64);
const CHALLENGE = createHash("sha256").update(VERIFIER).digest("base64url");

let root: string;
let github: Awaited<ReturnType<typeof startGitHubSimulator>>;
let gitlab: Awaited<ReturnType<typeof startGitLabSimulator>>;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "farhand-oauth-"));
  github = await startGitHubSimulator({ tokens: { ghp_mara: "mara" }, root, oauthApps: [APP] });
  gitlab = await startGitLabSimulator({
    apps: [APP],
    users: [{ id: 1, username: "mara", name: "Mara", state: "active" }],
  });
});
afterAll(async () => {
  await github[Symbol.asyncDispose]();
  await gitlab[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

const services = {
  github: () => ({
    authorize: `${github.url}/login/oauth/authorize`,
    token: `${github.url}/login/oauth/access_token`,
  }),
  gitlab: () => ({ authorize: `${gitlab.url}/oauth/authorize`, token: `${gitlab.url}/oauth/token` }),
};
type Service = keyof typeof services;

const asked = (change: Record<string, string> = {}) => ({
  client_id: APP.clientId,
  redirect_uri: APP.redirectUri,
  response_type: "code",
  scope: "read_user",
  state: "s",
  code_challenge: CHALLENGE,
  code_challenge_method: "S256",
  login: "mara",
  ...change,
});

async function authorize(service: Service, change: Record<string, string> = {}) {
  const answer = await fetch(services[service]().authorize, {
    method: "POST",
    body: new URLSearchParams(asked(change)),
    redirect: "manual",
  });
  const location = answer.headers.get("location");
  return { status: answer.status, back: location === null ? null : new URL(location) };
}

async function exchange(service: Service, change: Record<string, string> = {}) {
  const answer = await fetch(services[service]().token, {
    method: "POST",
    headers: { accept: "application/json" },
    body: new URLSearchParams({
      client_id: APP.clientId,
      client_secret: APP.clientSecret,
      grant_type: "authorization_code",
      redirect_uri: APP.redirectUri,
      code_verifier: VERIFIER,
      ...change,
    }),
  });
  return (await answer.json()) as { access_token?: string; error?: string };
}

const codeOf = async (service: Service, change: Record<string, string> = {}) =>
  (await authorize(service, change)).back?.searchParams.get("code") ?? "";

describe.each(["github", "gitlab"] as const)("%s", (service) => {
  test("gives a token for a code, once", async () => {
    const code = await codeOf(service);
    expect((await exchange(service, { code })).access_token).toBeString();
    expect((await exchange(service, { code })).error).toBeString();
  });

  test.each([
    { code_verifier: "b".repeat(64) },
    { code_verifier: "" },
    { client_secret: "another" },
    { redirect_uri: "http://127.0.0.1:9/callback/other" },
    { code: "made-up" },
  ])("refuses an exchange with %j", async (change) => {
    expect((await exchange(service, { code: await codeOf(service), ...change })).error).toBeString();
  });

  test("leads nobody to an address that is not the app's", async () => {
    const { back } = await authorize(service, { redirect_uri: "https://evil.example/" });
    expect(back?.host ?? "nowhere").toBe(service === "github" ? "127.0.0.1:9" : "nowhere");
    expect(back?.searchParams.get("code") ?? null).toBeNull();
  });

  test("says so when the person says no, and knows no plain challenges and no strangers", async () => {
    expect((await authorize(service, { login: "" })).back?.searchParams.get("error")).toBe("access_denied");
    expect(await codeOf(service, { code_challenge_method: "plain" })).toBe("");
    expect((await authorize(service, { client_id: "another" })).status).toBeGreaterThanOrEqual(400);
  });
});

test("GitHub tells who it is to whoever has the token, and mail addresses to whoever asked for them", async () => {
  const ask = async (path: string, token?: string) =>
    (
      await fetch(`${github.apiUrl}${path}`, {
        headers: { "user-agent": "test", ...(token ? { authorization: `Bearer ${token}` } : {}) },
      })
    ).status;
  const plain = (await exchange("github", { code: await codeOf("github", { scope: "" }) })).access_token;
  const withMail = (await exchange("github", { code: await codeOf("github", { scope: "user:email" }) }))
    .access_token;
  expect([await ask("/user"), await ask("/user", "gho_x"), await ask("/user", plain)]).toEqual([
    401, 401, 200,
  ]);
  expect([await ask("/user/emails", plain), await ask("/user/emails", withMail)]).toEqual([404, 200]);
});

test("GitLab tells who it is for the scope that was asked for", async () => {
  const ask = async (scope: string) => {
    const { access_token } = await exchange("gitlab", { code: await codeOf("gitlab", { scope }) });
    return (
      await fetch(`${gitlab.url}/api/v4/user`, { headers: { authorization: `Bearer ${access_token}` } })
    ).status;
  };
  expect([await ask("read_user"), await ask("openid"), await ask("unknown")]).toEqual([200, 403, 401]);
});
