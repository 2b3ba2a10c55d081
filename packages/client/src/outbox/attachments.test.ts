import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Attachment } from "@farhand/protocol";
import { FakeServer, refusal } from "../../test/fake-server.ts";
import { created, state, turn } from "../../test/logs.ts";
import { until } from "../../test/until.ts";
import { createAppClient } from "../app-client.ts";
import { AttachmentError, DeviceAttachments, fileName, KEPT_MAX_BYTES } from "../attachments/attachments.ts";
import type { LocalStore } from "../local/local-store.ts";
import { createMemoryStore } from "../local/memory-store.ts";
import { oneTab } from "../local/tabs.ts";
import { OUTBOX_PREFIX } from "./entries.ts";
import { DurableOutbox } from "./outbox.ts";

setDefaultTimeout(30_000);

const toClose: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const it of toClose.splice(0)) await it.close();
});

/** One device with one task. What it keeps outlives its outbox, as it outlives the app. */
function setUp() {
  const server = new FakeServer();
  toClose.push({ close: () => server.goAway() });
  const task = server.addTask(1, created, turn(1), state("queued", "running"));
  const local: LocalStore = createMemoryStore();
  const device = { nowMs: Date.UTC(2026, 2, 4), isOnline: true, errors: [] as unknown[] };
  const attachments = new DeviceAttachments({
    local,
    newId: () => crypto.randomUUID(),
    now: () => device.nowMs,
  });
  const open = () => {
    const outbox = new DurableOutbox({
      local,
      tabs: oneTab(),
      api: createAppClient({ baseUrl: server.url, token: "good", retries: 0 }),
      attachments,
      newId: () => crypto.randomUUID(),
      now: () => device.nowMs,
      isReachable: async () => device.isOnline,
      isFollowed: () => false,
      onError: (error) => device.errors.push(error),
    });
    toClose.push(outbox);
    return outbox;
  };
  const keep = (...names: string[]) =>
    attachments.keep(names.map((name) => ({ name, mediaType: "image/png", bytes: bytesOf(name) })));
  const say = (text: string, files: Attachment[]) =>
    ({ type: "send_message", taskId: task.id, text, attachments: files }) as const;
  const stored = () =>
    local.transaction("read", async (tx) => (await tx.list({ prefix: "attachment/" })).map(({ key }) => key));
  return { server, device, attachments, local, open, outbox: open(), keep, say, stored, taskId: task.id };
}

const bytesOf = (name: string) => new TextEncoder().encode(`bytes of ${name}`);
const empty = (outbox: DurableOutbox) => until("an empty outbox", () => outbox.getSnapshot().length === 0);
const only = (outbox: DurableOutbox) => outbox.getSnapshot()[0];

describe("a message with photos and files", () => {
  test("goes when they have arrived, each once, and leaves nothing on the device", async () => {
    const { server, outbox, keep, say, stored } = setUp();
    await outbox.add(say("look", await keep("a.png", "b.png")));
    await empty(outbox);
    expect(server.effects).toEqual(["file:a.png", "file:b.png", "message:look"]);
    expect([...server.attachments.values()].map(({ bytes }) => [...bytes])).toEqual([
      [...bytesOf("a.png")],
      [...bytesOf("b.png")],
    ]);
    expect(server.asked.at(-1)?.body.attachments).toEqual([...server.attachments.keys()]);
    expect(await stored()).toEqual([]);
  });

  test("may be the first one of a fork", async () => {
    const { server, outbox, keep, taskId, stored } = setUp();
    const attachments = await keep("a.png");
    await outbox.add({ type: "fork", taskId, fork: { turn: 1, prompt: "Try" }, attachments });
    await empty(outbox);
    expect(server.effects).toEqual(["file:a.png", expect.stringContaining("fork")]);
    expect(server.asked.at(-1)?.body).toEqual({
      turn: 1,
      prompt: "Try",
      attachments: [...server.attachments.keys()],
    });
    expect(await stored()).toEqual([]);
  });

  test("waits on the device with its bytes, whatever happens to the app", async () => {
    const { server, device, outbox, keep, say, open, stored } = setUp();
    device.isOnline = false;
    await outbox.add(say("look", await keep("a.png")));
    await outbox.flush();
    await outbox.close();
    expect(await stored()).toHaveLength(2);
    expect(server.effects).toEqual([]);
    device.isOnline = true;
    const again = open();
    await again.flush();
    await empty(again);
    expect(server.effects).toEqual(["file:a.png", "message:look"]);
    expect(await stored()).toEqual([]);
  });

  test.each(["cut-before", "cut-after"] as const)(
    "is there exactly once where the connection breaks at any of its steps (%s)",
    async (fault) => {
      for (const step of [0, 1, 2]) {
        const { server, device, outbox, keep, say, open, stored } = setUp();
        const files = await keep("a.png", "b.png");
        const steps = [...files.map(({ id }) => id), "/messages"];
        server.fault = ({ path }) => (path.endsWith(steps[step] ?? "") ? fault : null);
        await outbox.add(say("look", files));
        await until("a failure", () => only(outbox)?.status === "retrying");
        // And the app dies in the middle of that.
        await outbox.close();
        server.fault = () => null;
        device.nowMs += 60_000;
        const again = open();
        await again.flush();
        await empty(again);
        expect(server.effects).toEqual(["file:a.png", "file:b.png", "message:look"]);
        expect(await stored()).toEqual([]);
      }
    },
  );

  test("can still be changed while only its files have been tried", async () => {
    const { server, outbox, keep, say } = setUp();
    server.fault = ({ path }) => (path.startsWith("/api/attachments") ? "cut-before" : null);
    const entry = await outbox.add(say("look", await keep("a.png")));
    await until("a failure", () => only(outbox)?.status === "retrying");
    expect(only(outbox)?.mayHaveArrived).toBe(false);
    await outbox.edit(entry.id, "look here");
    server.fault = () => null;
    await outbox.flush();
    await empty(outbox);
    expect(server.effects).toEqual(["file:a.png", "message:look here"]);
  });

  test("that is withdrawn leaves no bytes behind", async () => {
    const { device, outbox, keep, say, stored } = setUp();
    device.isOnline = false;
    const entry = await outbox.add(say("look", await keep("a.png")));
    await outbox.flush();
    await outbox.withdraw(entry.id);
    expect(await stored()).toEqual([]);
  });

  test("that goes back into a draft leaves its bytes to it", async () => {
    const { device, outbox, keep, say, stored, attachments } = setUp();
    device.isOnline = false;
    const files = await keep("a.png");
    const entry = await outbox.add(say("look", files));
    await outbox.flush();
    await outbox.withdraw(entry.id, { keepsAttachments: true });
    expect(await stored()).toHaveLength(2);
    expect(await attachments.bytes(files[0]?.id ?? "")).toEqual(bytesOf("a.png"));
    expect(outbox.getSnapshot()).toEqual([]);
  });

  test("says the server's reason where it does not take a file, and keeps it", async () => {
    const { server, outbox, keep, say, stored } = setUp();
    server.fault = ({ path }) =>
      path.startsWith("/api/attachments")
        ? refusal(413, "payload_too_large", "You have no room left.")
        : null;
    await outbox.add(say("look", await keep("a.png")));
    await until("a refusal", () => only(outbox)?.status === "refused");
    expect(only(outbox)?.reason).toContain("You have no room left.");
    expect(await stored()).toHaveLength(2);
  });

  test("brings its files again to a server that has lost them", async () => {
    const { server, device, outbox, keep, say } = setUp();
    let losses = 0;
    server.fault = ({ path }) => {
      if (path.endsWith("/messages") && losses++ === 0) server.attachments.clear();
      return null;
    };
    await outbox.add(say("look", await keep("a.png")));
    await until("a failure", () => only(outbox)?.status === "retrying");
    expect(only(outbox)?.reason).toContain("lost a file");
    device.nowMs += 60_000;
    await outbox.flush();
    await empty(outbox);
    expect(server.effects.at(-1)).toBe("message:look");
    expect(server.attachments.size).toBe(1);
  });

  test("that the browser has cleared the bytes of says so", async () => {
    const { device, outbox, attachments, keep, say } = setUp();
    device.isOnline = false;
    const files = await keep("a.png");
    await outbox.add(say("look", files));
    await outbox.flush();
    await attachments.drop(files.map(({ id }) => id));
    device.isOnline = true;
    await outbox.flush();
    expect(only(outbox)).toMatchObject({
      status: "refused",
      reason: expect.stringContaining("a.png is no longer"),
    });
  });

  test("opens a new task in the same way", async () => {
    const { server, outbox, keep } = setUp();
    const task = { repository: "r", prompt: "look" };
    await outbox.add({ type: "create_task", task, attachments: await keep("a.png") });
    await empty(outbox);
    expect(server.effects).toEqual(["file:a.png", "create:look"]);
  });
});

describe("the device", () => {
  test("takes no file that the server would not, and says why", async () => {
    const { attachments } = setUp();
    const of = (length: number) => ({ name: "a.bin", mediaType: "", bytes: new Uint8Array(length) });
    const refused = (work: Promise<unknown>) =>
      work.then(
        () => "kept",
        (error: unknown) => (error instanceof AttachmentError ? error.message : String(error)),
      );
    expect(await refused(attachments.keep([of(10 * 1024 * 1024 + 1)]))).toContain("larger than 10 MiB");
    expect(await refused(attachments.keep([of(1)], 10))).toContain("10 photos and files at most");
    for (let kept = 0; kept < KEPT_MAX_BYTES; kept += 10 * 1024 * 1024)
      await attachments.keep([of(10 * 1024 * 1024)]);
    expect(await refused(attachments.keep([of(1)]))).toContain("100 MiB");
  });

  test("knows a file by what the server would call it", async () => {
    const { attachments } = setUp();
    const [kept] = await attachments.keep([
      { name: "C:\\a\\b\u202e.png ", mediaType: "Image/PNG; x=y", bytes: bytesOf("a") },
    ]);
    expect(kept).toMatchObject({ name: "b.png", mediaType: "image/png", sizeBytes: 10 });
    expect([fileName(""), fileName(".."), fileName("a/.."), fileName("\n")]).toEqual([
      "file",
      "file",
      "file",
      "file",
    ]);
    const long = fileName(`${"ü".repeat(300)}.jpeg`);
    expect(long).toEndWith("ü.jpeg");
    expect(new TextEncoder().encode(long).length).toBeLessThanOrEqual(200);
  });

  test("lets go of what a crash has left over, and of nothing that is still named", async () => {
    const { device, attachments, local, outbox, keep, say, stored } = setUp();
    device.isOnline = false;
    await keep("left-over.png");
    await outbox.add(say("look", await keep("named.png")));
    await outbox.flush();
    device.nowMs += 25 * 60 * 60_000;
    const [fresh] = await keep("fresh.png");
    await attachments.sweep([OUTBOX_PREFIX]);
    expect(await stored()).toHaveLength(4);
    expect(await attachments.bytes(fresh?.id ?? "")).toEqual(bytesOf("fresh.png"));
    expect(await local.transaction("read", (tx) => tx.list({ prefix: OUTBOX_PREFIX }))).toHaveLength(1);
  });
});
