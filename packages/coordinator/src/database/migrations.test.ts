import { Database } from "bun:sqlite";
import { afterAll, expect, test } from "bun:test";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStores, taskId } from "../../test/stores.ts";
import { assemble } from "../domain/conversation.ts";
import { knownMigrations, openDatabase } from "./open.ts";

const folder = await mkdtemp(join(tmpdir(), "farhand-migrations-"));
afterAll(() => rm(folder, { recursive: true, force: true }));
const schemas = join(import.meta.dir, "../../test/schemas");

/** A database as the named schema's program has left it. */
async function left(name: string): Promise<string> {
  const path = join(folder, `${name}-${crypto.randomUUID()}.db`);
  const file = new Database(path, { create: true });
  file.run(await Bun.file(join(schemas, `${name}.sql`)).text());
  file.close();
  return path;
}

const layout = (path: string) => {
  const file = new Database(path);
  const tables = file
    .query<{ name: string }, []>("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    .all();
  const columns = tables.map(({ name }) => [
    name,
    file
      .query<{ name: string; type: string }, []>(
        `SELECT name, type FROM pragma_table_info('${name}') ORDER BY name`,
      )
      .all(),
  ]);
  file.close();
  return columns;
};

/** Schemas whose databases there may be. Those in between were never on their own. */
const released = (await readdir(schemas)).map((name) => name.replace(/\.sql$/, "")).sort();

test("there is a database of every released schema to migrate from, and none of another", () => {
  expect(released).toContain("0001-first");
  expect(released).toContain("0002-turns");
  for (const name of released) expect(knownMigrations()).toContain(name);
});

for (const name of released)
  test(`a database of schema ${name} comes to the same tables and columns as a new one`, async () => {
    const old = await left(name);
    await (await openDatabase(old)).destroy();
    const fresh = join(folder, `fresh-${name}.db`);
    await (await openDatabase(fresh)).destroy();
    expect(layout(old)).toEqual(layout(fresh));
  });

test("a database that has met a later migration of another branch first gets the one that it lacks", async () => {
  const path = join(folder, "unordered.db");
  await (await openDatabase(path)).destroy();
  const file = new Database(path);
  file.run("DROP TABLE webhook_deliveries");
  file.run("DROP TABLE audit");
  file.run("DELETE FROM kysely_migration WHERE name = '0007-audit'");
  file.close();
  await (await openDatabase(path)).destroy();
  const fresh = join(folder, "ordered.db");
  await (await openDatabase(fresh)).destroy();
  expect(layout(path)).toEqual(layout(fresh));
});

test("what the second schema held is there after the migration: turns, messages, costs and the log", async () => {
  await using stores = await openStores(await left("0002-turns"));
  const { events } = await stores.log.read(taskId(1), 0, 100);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect(await stores.tasks.get(taskId(1))).toMatchObject({
    state: "idle",
    title: "Done",
    revision: "a".repeat(40),
  });
  expect(await stores.tasks.turns(taskId(1))).toMatchObject([{ turn: 1, isFinished: true }]);
  expect((await stores.messages.waiting(taskId(2))).map(({ text }) => text)).toEqual(["still waiting"]);
  expect((await stores.tasks.get(taskId(4)))?.state).toBe("archived");
});

test("what the first schema held is there after the migration, and its log can be read", async () => {
  await using stores = await openStores(await left("0001-first"));
  const done = await stores.log.read(taskId(1), 0, 100);
  expect(done.events.map(({ seq }) => seq)).toEqual(done.events.map((_, index) => index + 1));
  expect(done.events.map(({ body }) => body.type)).toContain("turn.started");
  expect(await stores.tasks.get(taskId(1))).toMatchObject({ state: "idle", turn: 1, title: "Done" });
  expect(await stores.tasks.turns(taskId(1))).toMatchObject([
    { turn: 1, text: "prompt 1", isFinished: true },
  ]);
  const messages = assemble(await stores.log.conversation(taskId(1)));
  expect(messages.map(({ role, content }) => [role, content.map(({ type }) => type)])).toEqual([
    ["user", ["text"]],
    ["assistant", ["tool_use"]],
    ["user", ["tool_result", "text"]],
  ]);
  expect(await stores.settings.get("u_owner")).toMatchObject({ defaultModel: "claude-opus-5-5" });
});

test("a message that waited before the migration still waits, and is delivered once", async () => {
  await using stores = await openStores(await left("0001-first"));
  const [waiting] = await stores.messages.waiting(taskId(2));
  expect(waiting?.text).toBe("still waiting");
  expect(await stores.messages.take(taskId(2), 1, 0)).toMatchObject([{ n: 1, text: "still waiting" }]);
  expect(await stores.messages.waiting(taskId(2))).toEqual([]);
});

test("a task of the first schema that was queued has its prompt in the conversation", async () => {
  await using stores = await openStores(await left("0001-first"));
  expect(assemble(await stores.log.conversation(taskId(3)))).toEqual([
    { role: "user", content: [{ type: "text", text: "prompt 3" }] },
  ]);
  expect((await stores.tasks.nextQueued([]))?.id).toBe(taskId(3));
});

test("what the seventh schema held is there after the migration: a task that waits for a budget asks nothing", async () => {
  await using stores = await openStores(await left("0007-audit"));
  expect(await stores.tasks.get(taskId(1))).toMatchObject({
    state: "waiting",
    question: null,
    budgetReached: { scope: "task" },
    costUsd: 0.25,
  });
  expect((await stores.tasks.facts(taskId(1))).questions).toEqual([]);
  expect((await stores.keyStore.keys("u_owner")).map(({ purpose }) => purpose)).toEqual(["github"]);
  expect((await stores.egress.overview("u_owner")).default.mode).toBe("list");
  expect(await stores.audit.list({ before: null, limit: 10, userId: null })).toHaveLength(1);
});
