import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NumberedWorkerEvent, WorkerEvent } from "@farhand/protocol";
import { until } from "../test/until.ts";
import { type EventsAnswer, GatewayAway, GatewayRefusal } from "./gateway-client.ts";
import { Reporter } from "./reporter.ts";
import { Spool } from "./spool.ts";

const event = (message: string): WorkerEvent => ({ type: "notice", level: "info", code: "test", message });
const forever = new AbortController().signal;

let folder: string;
let spool: Spool;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "reporter-"));
  spool = new Spool(join(folder, "events.jsonl"), () => new Date());
});
afterEach(async () => {
  spool[Symbol.dispose]();
  await rm(folder, { recursive: true, force: true });
});

/** A log that acts on each batch by the next rule, and takes it when the rules are used up. */
class Log {
  readonly events: NumberedWorkerEvent[] = [];
  readonly waitsMs: number[] = [];
  refused: unknown = null;
  rules: (() => EventsAnswer)[] = [];

  reporter(): Reporter {
    return new Reporter({
      spool,
      post: async (events) => this.rules.shift()?.() ?? this.take(events),
      sleep: async (ms) => void this.waitsMs.push(ms),
      random: () => 0,
      onRefused: (error) => {
        this.refused = error;
      },
    });
  }

  take(events: NumberedWorkerEvent[]): EventsAnswer {
    if ((events[0]?.n ?? 0) > this.events.length + 1)
      return { status: "gap", acknowledged: this.events.length };
    this.events.push(...events.filter(({ n }) => n > this.events.length));
    return { status: "ok", acknowledged: this.events.length };
  }

  messages(): string[] {
    return this.events.map(({ event }) => (event.type === "notice" ? event.message : ""));
  }
}

const away = (): EventsAnswer => {
  throw new GatewayAway("away");
};

test("events arrive in order, and a flush waits for the last of them", async () => {
  const log = new Log();
  await using reporter = log.reporter();
  for (const name of ["a", "b", "c"]) reporter.report(event(name));
  expect(await reporter.flush(forever)).toBe(true);
  expect(log.messages()).toEqual(["a", "b", "c"]);
});

test("nothing is lost or doubled while the gateway is away, however long, and the waits stay under five seconds", async () => {
  const log = new Log();
  log.rules = Array.from({ length: 12 }, () => away);
  await using reporter = log.reporter();
  reporter.report(event("a"));
  reporter.report(event("b"));
  expect(await reporter.flush(forever)).toBe(true);
  expect(log.messages()).toEqual(["a", "b"]);
  expect(log.waitsMs).toHaveLength(12);
  expect(Math.max(...log.waitsMs)).toBe(2_500);
});

test("an answer that is lost makes no double", async () => {
  const log = new Log();
  await using reporter = log.reporter();
  log.rules = [
    () => {
      log.take(spool.batch());
      return away();
    },
  ];
  reporter.report(event("a"));
  expect(await reporter.flush(forever)).toBe(true);
  expect(log.messages()).toEqual(["a"]);
});

test("a log that has lost events is given them again", async () => {
  const log = new Log();
  await using reporter = log.reporter();
  for (const name of ["a", "b", "c"]) reporter.report(event(name));
  await reporter.flush(forever);
  log.events.length = 1;
  reporter.report(event("d"));
  expect(await reporter.flush(forever)).toBe(true);
  expect(log.messages()).toEqual(["a", "b", "c", "d"]);
});

test("a refusal for good is told once, and no flush waits for it", async () => {
  const log = new Log();
  const refusal = new GatewayRefusal(400, "no");
  log.rules = [
    () => {
      throw refusal;
    },
  ];
  await using reporter = log.reporter();
  reporter.report(event("a"));
  expect(await reporter.flush(forever)).toBe(false);
  expect(log.refused).toBe(refusal);
});

test("a flush ends when its time is up", async () => {
  const log = new Log();
  log.rules = Array.from({ length: 1_000 }, () => away);
  const reporter = new Reporter({
    spool,
    post: async () => away(),
    sleep: () => Bun.sleep(1),
    random: () => 0,
    onRefused: () => undefined,
  });
  reporter.report(event("a"));
  expect(await reporter.flush(AbortSignal.timeout(20))).toBe(false);
  await reporter[Symbol.asyncDispose]();
});

test("how the turn ended is told even where the disk is full", async () => {
  const full = new Spool(
    join(folder, "full.jsonl"),
    () => new Date(),
    () => {
      throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
    },
  );
  spool[Symbol.dispose]();
  spool = full;
  const log = new Log();
  await using reporter = log.reporter();
  expect(() => reporter.report(event("a"))).toThrow("no space left");
  reporter.reportAnyway(event("the end"));
  await until(() => log.events.length === 1);
  expect(log.messages()).toEqual(["the end"]);
});
