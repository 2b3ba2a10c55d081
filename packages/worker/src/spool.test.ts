import { afterEach, beforeEach, expect, test } from "bun:test";
import { writeSync } from "node:fs";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WorkerEvent } from "@farhand/protocol";
import { Spool } from "./spool.ts";

const NOW = () => new Date("2026-01-01T00:00:00Z");
const event = (message: string): WorkerEvent => ({ type: "notice", level: "info", code: "test", message });
const numbers = (spool: Spool) => spool.batch().map(({ n }) => n);

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "spool-"));
  path = join(folder, "events.jsonl");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("events are numbered from one and are on the disk at once", async () => {
  using spool = new Spool(path, NOW);
  spool.append(event("a"));
  spool.append(event("b"));
  const lines = (await readFile(path, "utf8")).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual(spool.batch());
  expect(numbers(spool)).toEqual([1, 2]);
});

test("what is acknowledged is not sent again", () => {
  using spool = new Spool(path, NOW);
  for (const name of ["a", "b", "c"]) spool.append(event(name));
  spool.acknowledge(2);
  expect(numbers(spool)).toEqual([3]);
  expect(spool.pendingCount).toBe(1);
});

test("a log that lost events gets them again from the file", () => {
  using spool = new Spool(path, NOW);
  for (const name of ["a", "b", "c"]) spool.append(event(name));
  spool.acknowledge(3);
  spool.append(event("d"));
  spool.appendInMemory(event("e"));
  spool.rewind(1);
  expect(numbers(spool)).toEqual([2, 3, 4, 5]);
  spool.rewind(4);
  expect(numbers(spool)).toEqual([5]);
});

test("a batch holds at most 500 events and one mebibyte, yet always one event", () => {
  using spool = new Spool(path, NOW);
  for (let count = 0; count < 502; count++) spool.append(event("x"));
  expect(numbers(spool)).toHaveLength(500);
  spool.acknowledge(502);
  spool.append(event("x".repeat(2 * 1024 * 1024)));
  spool.append(event("y"));
  expect(numbers(spool)).toEqual([503]);
});

test("a file whose events are all acknowledged is emptied, and the numbers go on", async () => {
  using spool = new Spool(path, NOW);
  for (const name of ["a", "b"]) spool.append(event(name));
  spool.acknowledge(1);
  spool.trim();
  expect((await stat(path)).size).toBeGreaterThan(0);
  spool.acknowledge(2);
  spool.trim();
  expect((await stat(path)).size).toBe(0);
  for (const name of ["c", "d"]) spool.append(event(name));
  expect(numbers(spool)).toEqual([3, 4]);
  spool.acknowledge(4);
  spool.rewind(2);
  expect(numbers(spool)).toEqual([3, 4]);
  expect(() => spool.rewind(1)).toThrow("the log has lost event 2");
});

test("an event that was kept in memory alone is sent again in its place", () => {
  using spool = new Spool(path, NOW);
  spool.append(event("a"));
  spool.appendInMemory(event("b"));
  spool.append(event("c"));
  spool.acknowledge(1);
  spool.rewind(0);
  expect(numbers(spool)).toEqual([1, 2, 3]);
});

test("an event that the disk refuses half-way is not kept, and the file stays whole", async () => {
  let room = 300;
  const write = (descriptor: number, bytes: Buffer, offset: number) => {
    if (room === 0) throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
    const written = writeSync(descriptor, bytes, offset, Math.min(room, bytes.length - offset));
    room -= written;
    return written;
  };
  using spool = new Spool(path, NOW, write);
  spool.append(event("a"));
  expect(() => spool.append(event("b".repeat(400)))).toThrow("no space left");
  expect(numbers(spool)).toEqual([1]);
  room = 300;
  spool.append(event("c"));
  spool.acknowledge(2);
  spool.rewind(0);
  expect(numbers(spool)).toEqual([1, 2]);
});
