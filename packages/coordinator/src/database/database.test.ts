import { Database } from "bun:sqlite";
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type NumberedWorkerEvent, TaskEvent } from "@farhand/protocol";
import { fixtures } from "@farhand/protocol/fixtures";
import fc from "fast-check";
import { newTask, OWNER, openStores, taskId } from "../../test/stores.ts";
import { endTurn } from "../domain/turn-end.ts";
import { createAttachmentStore } from "./attachments.ts";
import { lockDataFolder } from "./lock.ts";
import { openDatabase } from "./open.ts";

const folder = await mkdtemp(join(tmpdir(), "farhand-database-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

const at = "2026-01-01T00:00:01.000Z";
const note = (n: number): NumberedWorkerEvent => ({
  n,
  at,
  event: { type: "notice", level: "info", code: "test", message: `event ${n}` },
});
const lease = (owner: string, untilMs: number) => ({ owner, untilMs });

describe("the event log", () => {
  test("numbers a task's events from 1 without gaps and tells followers after the commit", async () => {
    await using stores = await openStores();
    const seen: TaskEvent[] = [];
    const stop = stores.log.follow(taskId(1), (event) => seen.push(event));
    await stores.tasks.create(newTask(1));
    await stores.log.append(taskId(1), 0, [note(1).event, note(2).event]);
    stop();
    await stores.log.append(taskId(1), 0, [note(3).event]);
    const page = await stores.log.read(taskId(1), 0, 100);
    expect(page.events.map((event) => event.seq)).toEqual([1, 2, 3, 4, 5]);
    expect(page.lastSeq).toBe(5);
    expect(seen).toEqual(page.events.slice(0, 4));
  });

  test("reads on from any cursor", async () => {
    await using stores = await openStores();
    await stores.tasks.create(newTask(1));
    await stores.log.append(taskId(1), 0, [note(1).event, note(2).event, note(3).event]);
    expect((await stores.log.read(taskId(1), 2, 1)).events.map((event) => event.seq)).toEqual([3]);
    expect(await stores.log.read(taskId(1), 5, 10)).toEqual({ status: "ok", events: [], lastSeq: 5 });
    expect(await stores.log.read(taskId(1), 9, 10)).toEqual({ status: "gap", events: [], lastSeq: 5 });
    const last = await stores.log.readBefore(taskId(1), 6, 2);
    expect(last.events.map((event) => event.seq)).toEqual([4, 5]);
    const before = await stores.log.readBefore(taskId(1), 4, 10);
    expect(before.events.map((event) => event.seq)).toEqual([1, 2, 3]);
  });

  test("stores each worker event once, in order, whatever batches and repeats it comes in", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 6 })), {
          maxLength: 25,
        }),
        async (batches) => {
          await using stores = await openStores();
          await stores.tasks.create(newTask(1));
          await stores.tasks.claim(taskId(1), lease("a", 1));
          let acknowledged = 0;
          for (const [from, length] of batches) {
            const events = Array.from({ length }, (_, index) => note(from + index));
            const result = await stores.log.appendFromWorker(taskId(1), 1, events);
            const reaches = from <= acknowledged + 1;
            expect(result.status).toBe(reaches || from + length - 1 <= acknowledged ? "ok" : "gap");
            if (reaches) acknowledged = Math.max(acknowledged, from + length - 1);
            expect(result.acknowledged).toBe(acknowledged);
          }
          const { events } = await stores.log.read(taskId(1), 0, 1000);
          const messages = events.flatMap(({ body }) => (body.type === "notice" ? [body.message] : []));
          expect(messages).toEqual(Array.from({ length: acknowledged }, (_, index) => `event ${index + 1}`));
          expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
        },
      ),
      { numRuns: 30 },
    );
  });

  test("moves the task to running with the worker's first event, in the same commit", async () => {
    await using stores = await openStores();
    await stores.tasks.create(newTask(1));
    await stores.tasks.claim(taskId(1), lease("a", 1));
    await stores.log.appendFromWorker(taskId(1), 1, [
      { n: 1, at, event: { type: "worker.ready", version: "1", startMs: 1 } },
    ]);
    const { events } = await stores.log.read(taskId(1), 0, 100);
    expect(events.map(({ body }) => body.type)).toEqual([
      "task.created",
      "turn.started",
      "state.changed",
      "attempt.started",
      "worker.ready",
      "state.changed",
    ]);
    expect((await stores.tasks.get(taskId(1)))?.state).toBe("running");
  });

  test("takes nothing from a worker whose attempt has ended", async () => {
    await using stores = await openStores();
    await stores.tasks.create(newTask(1));
    await stores.tasks.claim(taskId(1), lease("a", 1));
    await stores.log.appendFromWorker(taskId(1), 1, [note(1)]);
    await stores.attempts.end(taskId(1), 1, 0);
    expect(await stores.log.appendFromWorker(taskId(1), 1, [note(2)])).toEqual({
      status: "gap",
      acknowledged: 1,
    });
    expect((await stores.log.read(taskId(1), 0, 100)).lastSeq).toBe(5);
  });

  test("adds up the tokens and keeps the conversation in the API's own form", async () => {
    await using stores = await openStores();
    await stores.tasks.create(newTask(1));
    const usage = { inputTokens: 1, outputTokens: 2, cacheCreationInputTokens: 3, cacheReadInputTokens: 4 };
    await stores.log.append(taskId(1), 0, [
      { type: "model.used", model: "m", usage, costUsd: 0.5 },
      { type: "model.used", model: "m", usage, costUsd: 0.5 },
      {
        type: "assistant.message",
        messageId: "x",
        model: "m",
        content: [{ type: "text", text: "hi" }],
        stopReason: "end_turn",
      },
    ]);
    expect((await stores.tasks.get(taskId(1)))?.usage).toEqual({
      inputTokens: 2,
      outputTokens: 4,
      cacheCreationInputTokens: 6,
      cacheReadInputTokens: 8,
    });
    expect(await stores.log.conversation(taskId(1))).toEqual([
      { turn: 1, role: "user", content: [{ type: "text", text: "prompt 1" }] },
      { turn: 1, role: "assistant", content: [{ type: "text", text: "hi" }] },
    ]);
  });
});

const attachmentsIn = (body: TaskEvent["body"]) => ("attachments" in body ? (body.attachments ?? []) : []);

test("every kind of event comes back from the log as it went in", async () => {
  await using stores = await openStores();
  await stores.tasks.create(newTask(1));
  for (const event of fixtures.events)
    for (const attachment of attachmentsIn(TaskEvent.parse(event).body))
      await createAttachmentStore(stores.database, stores.clock).add(
        { ...attachment, userId: OWNER.id, sha256: "", file: "none" },
        null,
      );
  const opening = ["task.created", "turn.started"];
  const bodies = fixtures.events
    .map((event) => TaskEvent.parse(event).body)
    .filter(({ type }) => !opening.includes(type));
  await stores.log.append(taskId(1), 1, bodies);
  const { events } = await stores.log.read(taskId(1), 0, 1000);
  const stored = events.map(({ body }) => body).filter((body) => body.type !== "state.changed");
  expect(stored.slice(2)).toEqual(bodies.filter((body) => body.type !== "state.changed"));
});

describe("the queue", () => {
  test("gives each task to one claimer only", async () => {
    await using stores = await openStores();
    await stores.tasks.create(newTask(1));
    const claims = await Promise.all(
      ["a", "b", "c"].map((owner) => stores.tasks.claim(taskId(1), lease(owner, 1))),
    );
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(claims.find(Boolean)).toMatchObject({ attempt: 1, task: { state: "starting", attempt: 1 } });
  });

  test("lets users take turns, and each one's tasks go by age", async () => {
    await using stores = await openStores();
    await stores.users.setOwner({ id: "u_other", login: "other", token: "fho_other" });
    for (const number of [1, 2, 3]) await stores.tasks.create(newTask(number));
    await stores.tasks.create(newTask(4, { userId: "u_other" }));
    const order: string[] = [];
    for (let next = await stores.tasks.nextQueued([]); next; next = await stores.tasks.nextQueued([])) {
      order.push(next.id);
      await stores.tasks.claim(next.id, lease("a", 1));
    }
    expect(order).toEqual([1, 4, 2, 3].map(taskId));
  });

  test("passes over those that are named", async () => {
    await using stores = await openStores();
    for (const number of [1, 2]) await stores.tasks.create(newTask(number));
    expect((await stores.tasks.nextQueued([taskId(1)]))?.id).toBe(taskId(2));
    expect(await stores.tasks.nextQueued([1, 2].map(taskId))).toBeNull();
  });

  test("renews a lease for its holder alone", async () => {
    await using stores = await openStores();
    await stores.tasks.create(newTask(1));
    await stores.tasks.claim(taskId(1), lease("a", 1));
    expect(await stores.tasks.renewLease(taskId(1), lease("a", 2), 70)).toBe(true);
    expect(await stores.tasks.renewLease(taskId(1), lease("b", 2), 5)).toBe(false);
    // What it has worked is counted with it, for the turn and for the task.
    expect(await stores.tasks.get(taskId(1))).toMatchObject({ workedMs: 70 });
    expect(await stores.tasks.turns(taskId(1))).toMatchObject([{ workedMs: 70 }]);
    await stores.tasks.change(taskId(1), (facts) => endTurn(facts, { kind: "cancelled" }));
    expect(await stores.tasks.renewLease(taskId(1), lease("a", 3), 1)).toBe(false);
  });
});

describe("attempt tokens", () => {
  test("are good for the current attempt while it lasts, known as stale after it, and unknown otherwise", async () => {
    await using stores = await openStores();
    await stores.tasks.create(newTask(1));
    await stores.tasks.create(newTask(2));
    const claim = await stores.tasks.claim(taskId(1), lease("a", 1));
    const token = claim?.token ?? "";
    expect(await stores.attempts.verify(taskId(1), token)).toEqual({ attempt: 1, isCurrent: true });
    expect(await stores.attempts.verify(taskId(2), token)).toBeNull();
    expect(await stores.attempts.verify(taskId(1), "something else")).toBeNull();
    await stores.attempts.end(taskId(1), 1, 0);
    expect(await stores.attempts.verify(taskId(1), token)).toEqual({ attempt: 1, isCurrent: false });
  });

  test("are never stored in clear", async () => {
    const path = join(folder, "tokens.db");
    await using stores = await openStores(path);
    await stores.tasks.create(newTask(1));
    const claim = await stores.tasks.claim(taskId(1), lease("a", 1));
    const rows = JSON.stringify(new Database(path).query("SELECT * FROM attempts, users").all());
    expect(rows).not.toContain(`"${claim?.token}"`);
    expect(rows).not.toContain(OWNER.token);
  });
});

describe("the list of tasks", () => {
  test("pages from the newest on, by user and state, without holes or doubles", async () => {
    await using stores = await openStores();
    for (let number = 1; number <= 7; number++) await stores.tasks.create(newTask(number));
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await stores.tasks.list({ userId: OWNER.id, state: "queued", cursor, limit: 3 });
      seen.push(...page.tasks.map((task) => task.id));
      cursor = page.nextCursor;
    } while (cursor);
    expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1].map(taskId));
    const others = await stores.tasks.list({ userId: "u_other", state: null, cursor: null, limit: 3 });
    expect(others).toEqual({ tasks: [], nextCursor: null });
  });
});

describe("the inbox", () => {
  test("wakes a waiting reader, and gives an empty page when the wait is over", async () => {
    await using stores = await openStores();
    await stores.tasks.create(newTask(1));
    const waiting = stores.inbox.read(taskId(1), 0, AbortSignal.timeout(5000));
    await stores.inbox.add(taskId(1), "messages");
    expect(await waiting).toEqual([{ n: 1, type: "messages" }]);
    await stores.inbox.add(taskId(1), "stop");
    expect(await stores.inbox.last(taskId(1))).toBe(2);
    expect(await stores.inbox.read(taskId(1), 1, AbortSignal.timeout(5000))).toEqual([
      { n: 2, type: "stop" },
    ]);
    expect(await stores.inbox.read(taskId(1), 2, AbortSignal.abort())).toEqual([]);
  });
});

describe("the data folder", () => {
  test("is held by one coordinator at a time, and free again when it lets go", () => {
    const path = join(folder, "coordinator.lock");
    const held = lockDataFolder(path, folder);
    expect(() => lockDataFolder(path, folder)).toThrow(/Another coordinator uses the data folder/);
    held[Symbol.dispose]();
    lockDataFolder(path, folder)[Symbol.dispose]();
  });

  test("is refused when a newer Farhand has written it", async () => {
    const path = join(folder, "newer.db");
    await (await openDatabase(path)).destroy();
    const file = new Database(path);
    file.run("INSERT INTO kysely_migration (name, timestamp) VALUES ('9999-from-the-future', '2030-01-01')");
    file.close();
    expect(openDatabase(path)).rejects.toThrow(/newer Farhand.*9999-from-the-future/);
  });

  test("keeps everything over a restart", async () => {
    const path = join(folder, "again.db");
    {
      await using stores = await openStores(path);
      await stores.tasks.create(newTask(1));
      await stores.settings.update(OWNER.id, { defaultModel: "claude-opus-5-5" });
    }
    await using stores = await openStores(path);
    expect((await stores.tasks.get(taskId(1)))?.prompt).toBe("prompt 1");
    expect(await stores.settings.get(OWNER.id)).toMatchObject({ defaultModel: "claude-opus-5-5" });
    expect((await stores.users.byToken(OWNER.token))?.login).toBe("owner");
  });
});
