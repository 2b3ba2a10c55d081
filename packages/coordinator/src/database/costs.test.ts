import { Database } from "bun:sqlite";
import { afterAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newTask, OWNER, openStores, taskId } from "../../test/stores.ts";

const folder = await mkdtemp(join(tmpdir(), "farhand-costs-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

const usage = { inputTokens: 1, outputTokens: 2, cacheCreationInputTokens: 3, cacheReadInputTokens: 4 };

test("calls of before prices were kept are read again, and count in tokens alone", async () => {
  const path = join(folder, "old.db");
  const file = new Database(path, { create: true });
  file.run(await Bun.file(join(import.meta.dir, "../../test/schemas/0001-first.sql")).text());
  const { seq } = file
    .query<{ seq: number }, []>(`SELECT last_seq + 1 AS seq FROM tasks WHERE id = '${taskId(1)}'`)
    .get() ?? { seq: 0 };
  for (const [index, day] of ["2026-01-01", "2026-01-01", "2026-01-02"].entries())
    file.run(
      "INSERT INTO events (task_id, seq, attempt, at, type, body) VALUES (?, ?, 1, ?, 'model.used', ?)",
      [
        taskId(1),
        seq + index,
        `${day}T00:00:00.000Z`,
        JSON.stringify({ type: "model.used", model: "claude-x", usage }),
      ],
    );
  file.run("UPDATE tasks SET last_seq = last_seq + 3, input_tokens = 3, output_tokens = 6 WHERE id = ?", [
    taskId(1),
  ]);
  file.run("UPDATE tasks SET cache_creation_input_tokens = 9, cache_read_input_tokens = 12 WHERE id = ?", [
    taskId(1),
  ]);
  file.close();

  await using stores = await openStores(path);
  const { events } = await stores.log.read(taskId(1), seq - 1, 10);
  expect(events.map(({ body }) => body)).toEqual(
    Array.from({ length: 3 }, () => ({ type: "model.used", model: "claude-x", usage, costUsd: null })),
  );
  expect(await stores.tasks.get(taskId(1))).toMatchObject({ costUsd: 0, unpricedTokens: 30 });
  const report = await stores.costs.report({ userId: OWNER.id, by: "day", from: null, to: null });
  expect(report.rows).toMatchObject([
    { key: "2026-01-01", modelCalls: 2, unpricedTokens: 20, costUsd: 0 },
    { key: "2026-01-02", modelCalls: 1, unpricedTokens: 10, inputTokens: 1, cacheReadInputTokens: 4 },
  ]);
});

test("the table of costs and the tasks agree, whatever was called on whichever day", async () => {
  await using stores = await openStores();
  for (const number of [1, 2]) await stores.tasks.create(newTask(number));
  for (let call = 0; call < 40; call++) {
    stores.time.ms += 5 * 60 * 60_000;
    const costUsd = call % 7 === 0 ? null : call / 1000;
    await stores.log.append(taskId(1 + (call % 2)), 1, [
      { type: "model.used", model: `claude-${call % 3}`, usage, costUsd },
    ]);
  }
  const report = (by: "day" | "model" | "task") =>
    stores.costs.report({ userId: OWNER.id, by, from: null, to: null });
  const [byDay, byModel, byTask] = await Promise.all([report("day"), report("model"), report("task")]);
  expect(byDay.total).toEqual(byTask.total);
  expect(byModel.total).toEqual(byTask.total);
  for (const { rows, total } of [byDay, byModel, byTask])
    expect(rows.reduce((sum, { costUsd }) => sum + costUsd, 0)).toBeCloseTo(total.costUsd, 9);
  for (const { key, costUsd, unpricedTokens } of byTask.rows)
    expect(await stores.tasks.get(key)).toMatchObject({ costUsd, unpricedTokens });
  const spent = await stores.costs.spent(OWNER.id, null);
  expect(spent).toEqual({ usd: byDay.total.costUsd, tokens: 400 });
});
