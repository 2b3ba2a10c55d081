import { afterEach, describe, expect, test } from "bun:test";
import { readdir, readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { PROTOCOL_HEADER, PROTOCOL_VERSION } from "@farhand/protocol";
import { Door, problemIn, until } from "../test/fixture.ts";
import type { DoorCaps } from "./door-caps.ts";

const open: (Door | Socket)[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse())
    if (one instanceof Door) await one[Symbol.asyncDispose]();
    else one.destroy();
});

async function doorWith(doorCaps: Partial<DoorCaps>): Promise<Door> {
  const door = await Door.open(undefined, { doorCaps });
  open.push(door);
  door.ports.repositoryPath = join(door.folder, "task.git");
  const made = Bun.spawn(["git", "init", "--quiet", "--bare", door.ports.repositoryPath]);
  expect(await made.exited).toBe(0);
  return door;
}

/** Sends bytes and leaves it at that. */
function leave(door: Door, text: string): Promise<{ isClosed(): boolean; received(): string }> {
  const socket = connect({ path: door.socket });
  open.push(socket);
  let received = "";
  let isClosed = false;
  socket.on("data", (data) => {
    received += String(data);
  });
  socket.on("close", () => {
    isClosed = true;
  });
  socket.on("error", () => undefined);
  return new Promise((resolve) => {
    const state = { isClosed: () => isClosed, received: () => received };
    socket.once("connect", () => socket.write(text, () => resolve(state)));
    socket.once("error", () => resolve(state));
  });
}

const halfPush =
  "POST /git/task.git/git-receive-pack HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer one\r\n" +
  "Content-Type: application/x-git-receive-pack-request\r\nContent-Length: 1000\r\n\r\n00";
const SPEAKING = `Host: gateway\r\nAuthorization: Bearer one\r\n${PROTOCOL_HEADER}: ${PROTOCOL_VERSION}\r\n`;
const halfEvents = `POST /farhand/v1/events HTTP/1.1\r\n${SPEAKING}Content-Length: 1000\r\n\r\n{`;

/** Processes of git that serve this repository. */
async function serving({ ports }: Door): Promise<number> {
  let found = 0;
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");
    if (environment.includes(`GIT_PROJECT_ROOT=${ports.repositoryPath}\0`)) found++;
  }
  return found;
}

describe("pushes whose rest does not come", () => {
  test("are a few processes, however many there are, and the rest is told to come again", async () => {
    const door = await doorWith({ maxConnections: 100 });
    const callers = await Promise.all(Array.from({ length: 60 }, () => leave(door, halfPush)));
    await until(() => callers.filter((it) => it.received().startsWith("HTTP/1.1 503")).length === 40);
    expect(await serving(door)).toBeLessThanOrEqual(16);
    const refused = await door.fetch("/git/task.git/info/refs?service=git-upload-pack");
    expect(refused.headers.get("retry-after")).toBe("2");
    expect((await problemIn(refused)).code).toBe("not_ready");
  });

  test("are ended when they have been silent for long, and the next one has its place", async () => {
    const door = await doorWith({ maxGitCalls: 1, stallMs: 300 });
    const silent = await leave(door, halfPush);
    const next = door.fetch("/git/task.git/info/refs?service=git-upload-pack");
    expect((await next).status).toBe(200);
    await until(() => silent.received() !== "");
    while ((await serving(door)) > 0) await Bun.sleep(20);
  });

  test("are ended when their callers have left", async () => {
    const door = await doorWith({});
    await Promise.all(Array.from({ length: 4 }, () => leave(door, halfPush)));
    while ((await serving(door)) === 0) await Bun.sleep(20);
    for (const one of open) if (!(one instanceof Door)) one.destroy();
    while ((await serving(door)) > 0) await Bun.sleep(20);
    expect((await door.fetch("/git/task.git/info/refs?service=git-upload-pack")).status).toBe(200);
  });
});

describe("a task's socket", () => {
  test("takes so many connections at once, whatever has come of their requests, and more when some have ended", async () => {
    const door = await doorWith({ maxConnections: 30 });
    const inbox = `GET /farhand/v1/inbox?after=0 HTTP/1.1\r\n${SPEAKING}\r\n`;
    const texts = ["GET /farhand/v1/inbox", inbox, halfEvents];
    const callers = await Promise.all(
      Array.from({ length: 90 }, (_, n) => leave(door, texts[n % 3] as string)),
    );
    await until(() => callers.filter((it) => it.isClosed()).length >= 60);
    await until(() => door.ports.waiting > 0);
    expect(door.ports.waiting).toBeLessThanOrEqual(30);
    expect(callers.filter((it) => !it.isClosed()).length).toBeLessThanOrEqual(30);
    await expect(door.fetch("/v1/models")).rejects.toThrow();
    for (const one of open) if (!(one instanceof Door)) one.destroy();
    for (;;) {
      const answer = await door.fetch("/farhand/v1/assignment?after=0").catch(() => null);
      if (answer?.status === 200) break;
      await Bun.sleep(10);
    }
  });
});
