import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MemberList, Settings } from "@farhand/protocol";
import { runFarhand } from "../../test/start-farhand.ts";

const TOKEN = "fho_token-for-tests";
const none = { maxUsd: null, maxTokens: null };
const SETTINGS: Settings = {
  defaultModel: "claude-sonnet-5-5",
  budgets: { task: none, day: none, user: none },
};
const at = "2026-01-02T03:04:05.678Z";
const unspent = { cap: null, spent: { today: { usd: 0, tokens: 0 }, ever: { usd: 0, tokens: 0 } } };
const MEMBERS: MemberList = {
  members: [
    { id: "u_owner", login: "owner", name: "Owner", role: "owner", createdAt: at, ...unspent },
    { id: "u_noor", login: "noor", name: "Noor", role: "member", createdAt: at, ...unspent },
  ],
};
const linkFor = (whom: string) => ({
  url: `https://farhand.example.com/link?token=for-${whom}`,
  expiresAt: at,
});

let server: Bun.Server<undefined>;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "farhand-cli-"));
  server = Bun.serve({
    port: 0,
    routes: {
      "/api/settings": Response.json(SETTINGS),
      "/api/members": Response.json(MEMBERS),
      "/api/members/u_noor/link": { POST: Response.json(linkFor("noor"), { status: 201 }) },
      "/api/sign-in-links": { POST: Response.json(linkFor("me"), { status: 201 }) },
    },
    fetch: () => new Response(null, { status: 404 }),
  });
});
afterAll(async () => {
  await server.stop(true);
  await rm(folder, { recursive: true });
});

const farhand = (...argv: string[]) =>
  runFarhand(["link", ...argv], { data: folder, url: server.url.origin, token: TOKEN });

test("link makes one for another device of one's own", async () => {
  const { stdout: out, exitCode } = await farhand();
  expect([exitCode, out]).toEqual([0, expect.stringContaining("token=for-me")]);
  expect(out).toContain("signed in as you");
});

test("link --member makes one for the member of that login", async () => {
  const { stdout: out, exitCode } = await farhand("--member", "noor");
  expect([exitCode, out]).toEqual([0, expect.stringContaining("token=for-noor")]);
  expect(out).toContain("within a day");
});

test("link --member names those that there are when nobody is called that", async () => {
  const { stdout, stderr, exitCode } = await farhand("--member", "nobody");
  expect(exitCode).toBe(2);
  expect(`${stdout}${stderr}`).toContain("owner, noor");
});
