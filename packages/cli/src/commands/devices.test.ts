import { afterAll, afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TOKEN } from "../../test/fake-server.ts";
import { runFarhand } from "../../test/start-farhand.ts";

const dataDirectory = await mkdtemp(join(tmpdir(), "farhand-devices-"));
afterAll(() => rm(dataDirectory, { recursive: true, force: true }));

const DEVICE = {
  id: `d_${"0".repeat(22)}abcd`,
  channel: "ntfy",
  label: "Phone\u001b[2J",
  host: "ntfy.example.com",
  kinds: { "needs-you": true, finished: false, failed: true },
  isCurrent: false,
  addedAt: "2026-01-02T03:04:05.678Z",
  lastSentAt: null as string | null,
  lastError: "The service does not answer." as string | null,
};

/** A coordinator that knows one device, and nothing else. */
function fake() {
  const asked: { route: string; body: unknown }[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/api/settings") {
        const none = { maxUsd: null, maxTokens: null };
        return Response.json({ defaultModel: "m", budgets: { task: none, day: none, user: none } });
      }
      if (request.method === "GET") return Response.json({ devices: [DEVICE] });
      const text = await request.text();
      asked.push({
        route: `${request.method} ${pathname.replace(DEVICE.id, "{id}")}`,
        body: text === "" ? null : JSON.parse(text),
      });
      if (pathname.endsWith("/test"))
        return Response.json({ status: "sent", message: "It was handed over." });
      if (request.method === "DELETE") return Response.json({ devices: [] });
      return Response.json(DEVICE, { status: request.method === "POST" ? 201 : 200 });
    },
  });
  return { server, asked };
}

let world: ReturnType<typeof fake>;
beforeEach(() => {
  world = fake();
});
afterEach(() => world.server.stop(true));

const farhand = (argv: string[], stdin?: string) =>
  runFarhand(argv, {
    data: dataDirectory,
    url: `http://127.0.0.1:${world.server.port}`,
    token: TOKEN,
    cwd: process.cwd(),
    ...(stdin === undefined ? {} : { stdin }),
  });

test("devices are listed with what they are told and what went wrong, and cannot do a terminal harm", async () => {
  const { stdout, exitCode } = await farhand(["devices"]);
  expect(stdout).toContain("Phone");
  expect(stdout).toContain("needs-you, failed · last sent never");
  expect(stdout).toContain("The service does not answer.");
  expect(stdout).not.toContain("\u001b[2J");
  expect(exitCode).toBe(0);
});

test("a topic of ntfy is added with a token from standard input, and tried", async () => {
  const added = await farhand(
    ["devices", "add-ntfy", "https://ntfy.example.com", "mine", "--token"],
    "tk_1\n",
  );
  expect([added.exitCode, added.stdout]).toEqual([0, expect.stringContaining("was sent to try it")]);
  expect(world.asked).toEqual([
    {
      route: "POST /api/devices",
      body: {
        label: "ntfy mine",
        target: { channel: "ntfy", server: "https://ntfy.example.com", topic: "mine", accessToken: "tk_1" },
      },
    },
    { route: "POST /api/devices/{id}/test", body: null },
  ]);
  expect((await farhand(["devices", "add-ntfy", "ftp://x", "mine"])).exitCode).toBe(2);
});

test("what a device is told is chosen, and a device is tried and removed, by the end of its id", async () => {
  await farhand(["devices", "set", "abcd", "finished"]);
  await farhand(["devices", "test", "abcd"]);
  const removed = await farhand(["devices", "remove", DEVICE.id]);
  expect(removed.stdout).toContain("No device gets notifications.");
  expect(world.asked).toEqual([
    {
      route: "PATCH /api/devices/{id}",
      body: { kinds: { "needs-you": false, finished: true, failed: false } },
    },
    { route: "POST /api/devices/{id}/test", body: null },
    { route: "DELETE /api/devices/{id}", body: null },
  ]);
  expect((await farhand(["devices", "test", "zzzz"])).exitCode).toBe(2);
});
