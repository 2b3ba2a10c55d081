import { createClient } from "@farhand/client";
import { EventPage } from "@farhand/protocol";
import type { Api } from "./api.ts";
import type { PhoneRecord } from "./facts.ts";
import type { Prng } from "./prng.ts";

/** A client that watches a task and writes down what it sees. */
export interface Phone {
  record: PhoneRecord;
  /** Highest seq that it has seen. */
  lastSeq(): number;
  /** Puts it away, and waits. */
  stop(): Promise<void>;
}

interface PhoneOptions {
  name: string;
  baseUrl: string;
  token: string;
  api: Api;
  taskId: string;
  random: Prng;
}

const emptyRecord = (name: string): PhoneRecord => ({ name, seen: [], resets: 0, gaveUp: null, pages: [] });

/** Follows the task over the WebSocket, goes away now and then, and comes back with the last seq that it had. */
export function followingPhone(options: PhoneOptions): Phone {
  const record = emptyRecord(options.name);
  const stopped = new AbortController();
  const client = createClient({
    baseUrl: options.baseUrl,
    token: options.token,
    backoff: { firstDelayMs: 40, maxDelayMs: 400 },
  });

  /** Until it is put away or has seen enough for now. */
  async function visit(): Promise<void> {
    const leave = new AbortController();
    const signal = AbortSignal.any([stopped.signal, leave.signal]);
    let patience = options.random.int(10, 60);
    for await (const item of client.follow(options.taskId, { after: record.seen.length, signal })) {
      if (item.type === "reset") {
        record.resets += 1;
        record.seen.length = 0;
      }
      if (item.type !== "event") continue;
      record.seen.push(item.event);
      patience -= 1;
      if (patience === 0) leave.abort();
    }
  }

  const running = (async () => {
    try {
      while (!stopped.signal.aborted) {
        await visit();
        if (!stopped.signal.aborted) await Bun.sleep(options.random.int(0, 300));
      }
    } catch (error) {
      record.gaveUp = String(error);
    }
  })();
  return {
    record,
    lastSeq: () => record.seen.length,
    async stop() {
      stopped.abort();
      await running;
    },
  };
}

/** Reads the log page by page, some pages twice, and never follows. */
export function readingPhone(options: PhoneOptions): Phone {
  const record = emptyRecord(options.name);
  let isStopped = false;

  async function page(after: number, limit: number): Promise<EventPage> {
    const { status, body } = await options.api.read(
      `/api/tasks/${options.taskId}/events?after=${after}&limit=${limit}`,
    );
    if (status !== 200) throw new Error(`a page after ${after} was answered with ${status}`);
    const parsed = EventPage.parse(body);
    record.pages.push({ after, page: parsed });
    return parsed;
  }

  const running = (async () => {
    try {
      while (!isStopped) {
        const after = record.seen.length;
        const { events } = await page(after, options.random.int(1, 40));
        if (options.random.chance(0.2)) await page(after, options.random.int(1, 40));
        record.seen.push(...events);
        await Bun.sleep(events.length === 0 ? 100 : 20);
      }
    } catch (error) {
      record.gaveUp = String(error);
    }
  })();
  return {
    record,
    lastSeq: () => record.seen.length,
    async stop() {
      isStopped = true;
      await running;
    },
  };
}
