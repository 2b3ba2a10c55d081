import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AuditPage, CloseCode, PROTOCOL_VERSION, Problem } from "@farhand/protocol";
import { type Coordinator, startCoordinator } from "./support/coordinator.ts";

const LISTED = "https://app.example.com";
const PUBLIC = "https://farhand.example.com";
const SECRET = "a-secret-of-the-forge";

let folder: string;
let coordinator: Coordinator;
let local: string;
let token: string;

/** Needs no sandbox: nothing here starts a task's worker. */
const settings = (data: string) => ({
  FARHAND_DATA: join(folder, data),
  FARHAND_SANDBOX: "process",
  FARHAND_WORKER_BINARY: "/bin/false",
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fh-hygiene-"));
  coordinator = await startCoordinator({
    ...settings("data"),
    FARHAND_PORT: "18787",
    FARHAND_PUBLIC_URL: PUBLIC,
    FARHAND_CORS_ORIGINS: LISTED,
    FARHAND_GITHUB_WEBHOOK_SECRET: SECRET,
  });
  if (coordinator.announcement.event !== "listening") throw new Error(coordinator.announcement.message);
  local = "http://127.0.0.1:18787";
  token = (await Bun.file(coordinator.announcement.tokenFile).text()).trim();
});
afterAll(async () => {
  await coordinator?.stop();
  await rm(folder, { recursive: true, force: true });
});

const ask = (path: string, init: RequestInit = {}) => fetch(`${local}${path}`, init);
const bearer = () => ({ authorization: `Bearer ${token}` });

/** How a connection went: the answer's status where it was not opened, else the code that it was closed with. */
async function connect(origin: string | null, hello: string): Promise<string> {
  const socket = new WebSocket("ws://127.0.0.1:18787/api/ws", origin === null ? {} : { headers: { origin } });
  return new Promise((resolve) => {
    let isOpen = false;
    socket.addEventListener("open", () => {
      isOpen = true;
      socket.send(JSON.stringify({ type: "hello", protocol: PROTOCOL_VERSION, token: hello }));
    });
    socket.addEventListener("message", ({ data }) => {
      resolve(JSON.parse(String(data)).type);
      socket.close();
    });
    socket.addEventListener("close", ({ code }) => resolve(isOpen ? `closed ${code}` : "not opened"));
  });
}

describe("a WebSocket", () => {
  test("opens for programs, for the server's own pages and for listed ones, and wants a hello of each", async () => {
    for (const origin of [null, PUBLIC, LISTED, "http://127.0.0.1:18787"]) {
      expect([origin, await connect(origin, token)]).toEqual([origin, "welcome"]);
      expect([origin, await connect(origin, "fho_wrong")]).toEqual([
        origin,
        `closed ${CloseCode.unauthorized}`,
      ]);
    }
  });

  test("does not open for a page of any other origin, whatever it knows", async () => {
    for (const origin of [
      "https://evil.example.com",
      "null",
      `${PUBLIC}.evil.example`,
      "http://localhost:3000",
    ])
      expect([origin, await connect(origin, token)]).toEqual([origin, "not opened"]);
  });
});

describe("behind a proxy", () => {
  test("whoever comes is known by the address that the proxy tells, and HSTS is asked for", async () => {
    const forwarded = { "x-forwarded-for": "10.0.0.1, 203.0.113.9", "x-forwarded-proto": "https" };
    const answer = await ask("/api/health/live", { headers: forwarded });
    expect(answer.headers.get("strict-transport-security")).toBe("max-age=31536000");
    const guesses = async (headers: Record<string, string>) =>
      (await ask("/api/tasks", { headers: { authorization: "Bearer fho_guess", ...headers } })).status;
    const seen = new Set<number>();
    for (let number = 0; number < 40; number += 1) seen.add(await guesses(forwarded));
    expect([...seen].sort()).toEqual([401, 429]);
    expect(await guesses({ "x-forwarded-for": "203.0.113.10" })).toBe(401);
  });
});

describe("a webhook", () => {
  test("is taken over a real socket when its signature covers its very bytes", async () => {
    // Written as no JSON printer would write it: the signature is over what was sent.
    const body = '{ "zen" :"Keep it small." }\n';
    const deliver = (signed: string) =>
      ask("/api/webhooks/github", {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "x-github-event": "ping",
          "x-hub-signature-256": `sha256=${createHmac("sha256", SECRET).update(signed).digest("hex")}`,
        },
        body,
      });
    expect((await deliver(body)).status).toBe(202);
    expect((await deliver(JSON.stringify(JSON.parse(body)))).status).toBe(401);
    // The other forge has no secret here, and so no address.
    expect((await ask("/api/webhooks/gitlab", { method: "POST", body })).status).toBe(404);
  });
});

const chromium = Bun.which("chromium") ?? Bun.which("chromium-browser") ?? Bun.which("google-chrome");
if (chromium === null) process.stdout.write("The page in a real browser is skipped: there is none here.\n");

test.skipIf(chromium === null)("the API's page works in a browser under its content policy", async () => {
  const child = Bun.spawn(
    [
      chromium ?? "",
      ...["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--dump-dom"],
      ...["--virtual-time-budget=8000", `--user-data-dir=${join(folder, "browser")}`, `${local}/api/docs`],
    ],
    { stdin: "ignore", stdout: "pipe", stderr: "pipe" },
  );
  const [page, log] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  expect(page).toContain('data-path="/tasks/{id}/cancel"');
  expect(log).not.toMatch(/Content Security Policy/i);
});

test("a body that is too large is refused before it is read to its end", async () => {
  const answer = await ask("/api/tasks", {
    method: "POST",
    headers: { ...bearer(), "content-type": "application/json" },
    body: "x".repeat(2 * 1024 * 1024),
  });
  expect(Problem.parse(await answer.json())).toMatchObject({ status: 413, code: "payload_too_large" });
});

test("what was done stands in the audit log with its address", async () => {
  await ask("/api/settings", {
    method: "PATCH",
    headers: { ...bearer(), "content-type": "application/json" },
    body: JSON.stringify({ defaultModel: "claude-opus-5-5" }),
  });
  const page = async () => AuditPage.parse(await (await ask("/api/audit", { headers: bearer() })).json());
  const changed = (await page()).entries.find(({ action }) => action === "settings.changed");
  expect(changed).toMatchObject({ userId: "u_owner", subject: "settings", address: "127.0.0.1" });
});

describe("a server without TLS", () => {
  const start = (host: Record<string, string>) =>
    startCoordinator({
      FARHAND_DATA: join(folder, crypto.randomUUID()),
      FARHAND_WORKER_BINARY: "/bin/false",
      ...host,
    });

  test("does not listen beyond loopback unless it is told twice, and says what to do", async () => {
    const refused = await start({ FARHAND_HOST: "0.0.0.0" });
    expect(refused.announcement).toMatchObject({
      event: "failed",
      message: expect.stringContaining("without TLS"),
      action: expect.stringContaining("FARHAND_ALLOW_PLAIN_HTTP=yes"),
    });
    expect(await refused.process.exited).toBe(1);
  });

  test("listens there when it was told twice", async () => {
    const told = await start({ FARHAND_HOST: "0.0.0.0", FARHAND_ALLOW_PLAIN_HTTP: "yes" });
    expect(told.announcement).toMatchObject({ event: "listening" });
    // Links name an address that other machines can open, where this machine has one.
    const { url, setupUrl } = told.announcement as { url: string; setupUrl: string };
    expect(`${url} ${setupUrl}`).not.toContain("0.0.0.0");
    expect((await fetch(setupUrl)).status).toBe(200);
    await told.stop();
  });
});
