import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InviteInfo, MemberCap, MemberInfo } from "@farhand/protocol";
import { runFarhand } from "../../test/start-farhand.ts";

const NONE = { maxUsd: null, maxTokens: null };
const created = "2026-01-02T03:04:05.678Z";
const member: MemberInfo = {
  id: "u_mara",
  login: "mara",
  name: "Mara",
  role: "member",
  createdAt: created,
  cap: { day: { maxUsd: 5, maxTokens: null }, user: NONE },
  spent: { today: { usd: 0.5, tokens: 12_000 }, ever: { usd: 7, tokens: 1_200_000 } },
};
const owner: MemberInfo = {
  ...member,
  id: "u_owner",
  // Somebody else's choice, which could steer the terminal.
  login: "owner\u001b[2J",
  role: "owner",
  cap: null,
  spent: { today: { usd: 0, tokens: 0 }, ever: { usd: 0.00001, tokens: 3 } },
};
const invite: InviteInfo = {
  id: "i_1",
  provider: "github",
  login: "octocat",
  createdAt: created,
  expiresAt: "2026-01-09T03:04:05.678Z",
};

let asked: { method: string; path: string; body: unknown }[] = [];
let server: Bun.Server<undefined>;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "farhand-cli-"));
  server = Bun.serve({
    port: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/api/settings")
        return Response.json({
          defaultModel: "claude-sonnet-5-5",
          budgets: { task: NONE, day: NONE, user: NONE },
        });
      if (request.method === "GET" && pathname === "/api/members")
        return Response.json({ members: [owner, member] });
      if (request.method === "GET" && pathname === "/api/invites")
        return Response.json({ invites: [invite, { ...invite, id: "i_22", provider: null, login: null }] });
      const body = await request.json().catch(() => null);
      asked.push({ method: request.method, path: pathname, body });
      if (request.method === "DELETE") return Response.json({ status: "done" });
      const { cap } = body as { cap: MemberCap };
      const isNone = [cap.day, cap.user].every((it) => it.maxUsd === null && it.maxTokens === null);
      return Response.json({ ...member, cap: isNone ? null : cap });
    },
  });
});
beforeEach(() => {
  asked = [];
});
afterAll(async () => {
  await server.stop(true);
  await rm(folder, { recursive: true, force: true });
});

const farhand = (...argv: string[]) =>
  runFarhand(argv, { data: folder, url: server.url.origin, token: "fho_token-for-tests" });
const rows = (text: string) => text.split("\n").map((line) => line.trim().replace(/ {2,}/g, " | "));

describe("members", () => {
  test("lists people with their role, what they have spent, and their cap", async () => {
    const { stdout, exitCode } = await farhand("members");
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain("\u001b[2J");
    const [head, , second] = rows(stdout);
    expect(head).toBe("login | role | today | ever | cap");
    expect(second).toBe("mara | member | $0.50, 12k tokens | $7.00, 1.2M tokens | $5.00 a day");
    const { stdout: lines } = await farhand("members", "--json");
    expect(
      lines
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual([owner, member]);
  });

  test("cap changes what is named and leaves the rest", async () => {
    const { stdout } = await farhand("members", "cap", "mara", "--usd", "100", "--tokens", "2000000");
    expect(stdout).toContain("mara may spend $5.00 a day, $100.00 and 2.0M tokens in all.");
    expect(asked).toEqual([
      {
        method: "PATCH",
        path: "/api/members/u_mara",
        body: {
          cap: {
            day: { maxUsd: 5, maxTokens: null },
            user: { maxUsd: 100, maxTokens: 2_000_000 },
          },
        },
      },
    ]);
    const none = await farhand("members", "cap", "mara", "--usd-day", "none");
    expect(none.stdout).toContain("is not capped any more");
  });

  test("remove ends a member's ways in", async () => {
    expect((await farhand("members", "remove", "mara")).exitCode).toBe(0);
    expect(asked).toEqual([{ method: "DELETE", path: "/api/members/u_mara", body: null }]);
  });

  test("wrong usage asks for no change", async () => {
    for (const argv of [
      ["cap", "mara"],
      ["cap", "mara", "--usd", "-1"],
      ["cap", "nobody", "--usd", "1"],
      ["remove", "nobody"],
    ])
      expect([argv, (await farhand("members", ...argv)).exitCode]).toEqual([argv, 2]);
    expect(asked).toEqual([]);
  });
});

describe("invite", () => {
  test("lists the open ones and withdraws one", async () => {
    const { stdout } = await farhand("invite", "--list");
    expect(rows(stdout).slice(0, 2)).toEqual([
      "i_1 | octocat at github | until 2026-01-09 03:04",
      "i_22 | by link | until 2026-01-09 03:04",
    ]);
    expect((await farhand("invite", "--withdraw", "i_1")).exitCode).toBe(0);
    expect(asked).toEqual([{ method: "DELETE", path: "/api/invites/i_1", body: null }]);
  });

  test("does one thing at a time", async () => {
    for (const argv of [
      ["octocat", "--list"],
      ["--list", "--withdraw", "i_1"],
    ])
      expect([argv, (await farhand("invite", ...argv)).exitCode]).toEqual([argv, 2]);
    expect(asked).toEqual([]);
  });
});
