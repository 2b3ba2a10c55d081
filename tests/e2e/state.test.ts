import { afterAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client } from "@farhand/client";
import { fillDatabase } from "../../packages/coordinator/test/fill.ts";
import { clientOf, startCoordinator } from "./support/coordinator.ts";

const folder = await mkdtemp(join(tmpdir(), "fh-state-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

const LONG = 50_000;
const SHORT = 252;
const TASKS = 200;

const id = (number: number) => `t_${String(number).padStart(26, "0")}`;

async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; value: T }> {
  const startedMs = performance.now();
  const value = await work();
  return { ms: performance.now() - startedMs, value };
}

/** The middle of several runs: one may meet a busy machine. */
async function typical(work: () => Promise<unknown>): Promise<number> {
  const runs: number[] = [];
  for (let run = 0; run < 7; run += 1) runs.push((await timed(work)).ms);
  return runs.sort((a, b) => a - b)[3] ?? Number.NaN;
}

async function everyTask(client: Client): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await client.listTasks({ limit: 100, ...(cursor ? { cursor } : {}) });
    ids.push(...page.tasks.map((task) => task.id));
    if (!page.nextCursor) return ids;
    cursor = page.nextCursor;
  }
}

/** As an app opens a task: its last page first, and then live from there. */
async function open(client: Client, taskId: string): Promise<number[]> {
  const { lastSeq } = await client.getTask(taskId);
  const { events } = await client.events(taskId, { before: lastSeq + 1, limit: 50 });
  await live(client, taskId, lastSeq);
  return events.map(({ seq }) => seq);
}

/** Follows from a seq until the connection is live and has caught up. */
async function live(client: Client, taskId: string, after: number): Promise<number[]> {
  const { lastSeq } = await client.getTask(taskId);
  const seen: number[] = [];
  for await (const item of client.follow(taskId, { after })) {
    if (item.type === "event") seen.push(item.event.seq);
    const isLive = item.type === "connection" && item.status === "live";
    if ((isLive || item.type === "event") && after + seen.length === lastSeq) return seen;
  }
  return seen;
}

test("a machine's worth of state: 200 tasks and 100,000 events start, list, open and resume", async () => {
  const data = join(folder, "data");
  await mkdir(data, { recursive: true });
  const lengths = [LONG, ...Array.from({ length: TASKS - 1 }, () => SHORT)];
  await fillDatabase(join(data, "agent.db"), lengths);
  const settings = { FARHAND_DATA: data, FARHAND_SANDBOX: "process", FARHAND_WORKER_BINARY: "/bin/true" };
  const start = await timed(() => startCoordinator(settings));
  const coordinator = start.value;
  try {
    const client = await clientOf(coordinator);
    const list = await typical(() => client.listTasks({ limit: 50 }));
    expect((await everyTask(client)).length).toBe(TASKS);
    expect(await open(client, id(1))).toEqual(Array.from({ length: 50 }, (_, n) => LONG - 49 + n));
    const openLong = await typical(() => open(client, id(1)));
    const openShort = await typical(() => open(client, id(2)));
    expect(await live(client, id(1), LONG - 500)).toEqual(
      Array.from({ length: 500 }, (_, n) => LONG - 499 + n),
    );
    const resume = await typical(() => live(client, id(1), LONG - 500));
    const whole = await timed(() => live(client, id(1), 0));
    expect(whole.value).toHaveLength(LONG);
    const empty = await timed(() => startCoordinator({ ...settings, FARHAND_DATA: join(folder, "empty") }));
    await empty.value.stop();
    const figures = [
      `start ${start.ms.toFixed(0)} ms (an empty one ${empty.ms.toFixed(0)} ms)`,
      `list of 50 ${list.toFixed(1)} ms`,
      `open 50,000 events ${openLong.toFixed(1)} ms (252 events ${openShort.toFixed(1)} ms)`,
      `resume 500 events ${resume.toFixed(1)} ms`,
      `replay 50,000 events ${whole.ms.toFixed(0)} ms`,
    ];
    process.stdout.write(`200 tasks, 100,148 events: ${figures.join("; ")}\n`);
  } finally {
    await coordinator.stop();
  }
});
