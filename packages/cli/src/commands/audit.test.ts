import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AuditPage, type AuditRecord, type Settings } from "@farhand/protocol";
import { runFarhand } from "../../test/start-farhand.ts";

const TOKEN = "fho_token-for-tests";
const none = { maxUsd: null, maxTokens: null };
const SETTINGS: Settings = {
  defaultModel: "claude-sonnet-5-5",
  budgets: { task: none, day: none, user: none },
};
const entry = (id: number): AuditRecord => ({
  id,
  at: "2026-01-02T03:04:05.678Z",
  userId: id % 2 === 0 ? "u_01m8owner" : null,
  login: id % 2 === 0 ? "mara" : null,
  action: "key.added",
  subject: id === 1202 ? "u_01m8owner" : `subject ${id}`,
  address: "203.0.113.9",
  // Written by a stranger, who would like to steer the terminal.
  detail: id === 1 ? "\u001b[2Jgone" : "",
});
const ALL = Array.from({ length: 1203 }, (_, index) => entry(1203 - index));

let server: Bun.Server<undefined>;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "farhand-cli-"));
  server = Bun.serve({
    port: 0,
    fetch(request) {
      const url = new URL(request.url);
      if (url.pathname === "/api/settings") return Response.json(SETTINGS);
      if (request.headers.get("authorization") !== `Bearer ${TOKEN}` || url.pathname !== "/api/audit")
        return new Response(null, { status: 404 });
      const limit = Number(url.searchParams.get("limit"));
      const before = Number(url.searchParams.get("before") ?? Number.MAX_SAFE_INTEGER);
      const rest = ALL.filter(({ id }) => id < before);
      const entries = rest.slice(0, limit);
      const nextBefore = rest.length > limit ? (entries.at(-1)?.id ?? null) : null;
      return Response.json(AuditPage.parse({ entries, nextBefore }));
    },
  });
});
afterAll(async () => {
  await server.stop(true);
  await rm(folder, { recursive: true, force: true });
});

const farhand = (...argv: string[]) =>
  runFarhand(["audit", ...argv], { data: folder, url: server.url.origin, token: TOKEN });

test("audit shows the newest entries, and what strangers wrote cannot steer the terminal", async () => {
  const { stdout: out, exitCode } = await farhand();
  expect(exitCode).toBe(0);
  const lines = out.trimEnd().split("\n");
  expect(lines).toHaveLength(50);
  expect(lines[0]).toMatch(/2026-01-02 03:04:05 {2}— +key\.added {2}203\.0\.113\.9 {2}subject 1203$/);
  expect(lines[1]).toMatch(/2026-01-02 03:04:05 {2}mara +key\.added {2}203\.0\.113\.9 {2}mara$/);
  expect(out).not.toContain("u_01m8");
  const all = await farhand("--limit", "5000");
  expect(all.stdout.trimEnd().split("\n")).toHaveLength(1203);
  expect(all.stdout).toContain("gone");
  expect(all.stdout).not.toContain("\u001b");
});

test("audit --json gives one entry a line", async () => {
  const { stdout: out } = await farhand("--json", "--limit", "600");
  const lines = out.trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual(ALL.slice(0, 600));
});

test("audit --export writes all of it into a file that only its owner may read, and leaves nothing beside it", async () => {
  const { exitCode, stdout: out } = await farhand("--export", "audit.jsonl");
  expect([exitCode, out]).toEqual([0, expect.stringContaining("1203 entries")]);
  const file = join(folder, "audit.jsonl");
  const lines = (await Bun.file(file).text()).trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual(ALL);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(["audit.jsonl"]);
});

test("audit --export says what is wrong with a place that cannot be written to", async () => {
  const { exitCode, stdout: out, stderr: complaints } = await farhand("--export", "nowhere/audit.jsonl");
  expect(exitCode).toBe(2);
  expect(`${out}${complaints}`).toContain("Name a file in a folder that you can write to.");
});
