import { afterEach, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { LIVE_REF, PROTOCOL_HEADER, PROTOCOL_VERSION } from "@farhand/protocol";
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

/** The body of a push of one commit with so long a message, which is small on the wire. */
function commitBomb(messageBytes: number): { commit: string; body: Buffer } {
  const line = "A <a@example.org> 1700000000 +0000";
  const head = `tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor ${line}\ncommitter ${line}\n\n`;
  const text = Buffer.concat([Buffer.from(head), Buffer.alloc(messageBytes, "a")]);
  const commit = createHash("sha1").update(`commit ${text.length}\0`).update(text).digest("hex");
  const objects = [
    [2, Buffer.alloc(0)],
    [1, text],
  ] as const;
  const pack = Buffer.concat([
    Buffer.from("PACK\0\0\0\x02\0\0\0\x02", "latin1"),
    ...objects.flatMap(([kind, content]) => [entryHead(kind, content.length), deflateSync(content)]),
  ]);
  const command = `${"0".repeat(40)} ${commit} ${LIVE_REF}\0 report-status`;
  const size = (command.length + 4).toString(16).padStart(4, "0");
  const body = [Buffer.from(`${size}${command}0000`), pack, createHash("sha1").update(pack).digest()];
  return { commit, body: Buffer.concat(body) };
}

function entryHead(kind: number, sizeBytes: number): Buffer {
  const bytes = [(kind << 4) | (sizeBytes & 15)];
  for (let left = sizeBytes >> 4; left > 0; left >>= 7) {
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | 128;
    bytes.push(left & 127);
  }
  return Buffer.from(bytes);
}

describe("a push that is small on the wire and a commit of 150 MB when it is unpacked", () => {
  const push = async (door: Door, body: Buffer) => {
    const response = await door.fetch("/git/task.git/git-receive-pack", {
      method: "POST",
      headers: { "content-type": "application/x-git-receive-pack-request" },
      body,
    });
    return await response.text();
  };
  const tip = (door: Door) =>
    Bun.spawnSync([
      "git",
      "--git-dir",
      door.ports.repositoryPath,
      "rev-parse",
      "--quiet",
      "--verify",
      LIVE_REF,
    ])
      .stdout.toString()
      .trim();

  test("is refused where git may not take so much memory, and nothing of it is kept", async () => {
    const door = await doorWith({ pushMemoryBytes: 96 * 1024 ** 2 });
    expect(await push(door, commitBomb(150_000_000).body)).toContain(`ng ${LIVE_REF} unpacker error`);
    expect(tip(door)).toBe("");
    const small = commitBomb(1_000_000);
    expect(await push(door, small.body)).toContain(`ok ${LIVE_REF}`);
    expect(tip(door)).toBe(small.commit);
  });

  test("the control: with the room for it, it is taken", async () => {
    const door = await doorWith({ pushMemoryBytes: 1024 ** 3 });
    const { commit, body } = commitBomb(150_000_000);
    expect(await push(door, body)).toContain(`ok ${LIVE_REF}`);
    expect(tip(door)).toBe(commit);
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
