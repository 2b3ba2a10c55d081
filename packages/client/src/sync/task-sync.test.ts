import { expect, test } from "bun:test";
import type { ClientFrame } from "@farhand/protocol";
import { created, makeEvents, says, TASK, turn } from "../../test/logs.ts";
import { until } from "../../test/until.ts";
import { createMemoryStore } from "../local/memory-store.ts";
import { TaskSync } from "./task-sync.ts";

const REPLAYED = 60;
const LIVE = 5;
const log = makeEvents([
  created,
  turn(1),
  ...Array.from({ length: REPLAYED + LIVE - 2 }, (_, n) => says(`msg${n}`, { text: `step ${n}` })),
]);

/** One with nothing on the device, and what it asks of the server. */
async function connected() {
  const asked: ClientFrame[] = [];
  const sync = new TaskSync({
    taskId: TASK,
    task: null,
    local: createMemoryStore(),
    send: (frame) => asked.push(frame),
    restart: () => undefined,
    onView: () => undefined,
    onError: (error) => {
      throw error;
    },
    gatherMs: 1,
  });
  await sync.loaded;
  sync.connected();
  return { sync, asked };
}

test("a log that comes whole is drawn in few steps, all of it as soon as it is there, and what then comes at once", async () => {
  const { sync } = await connected();
  sync.hear({ type: "subscribed", taskId: TASK, status: "ok", lastSeq: REPLAYED });
  let drawn = 0;
  let seq = 0;
  sync.state.subscribe(() => {
    if (sync.view.seq !== seq) drawn += 1;
    seq = sync.view.seq;
  });
  for (const event of log.slice(0, REPLAYED)) {
    sync.hear({ type: "event", event });
    // Pieces of a log come in many messages, and a page has time to draw between them.
    await Bun.sleep(2);
  }
  expect(seq).toBe(REPLAYED);
  expect(sync.state.getSnapshot().status).toBe("live");
  expect(drawn).toBeLessThan(REPLAYED / 4);
  drawn = 0;
  for (const event of log.slice(REPLAYED)) {
    sync.hear({ type: "event", event });
    await until("its row", () => seq === event.seq);
  }
  expect(drawn).toBe(LIVE);
  await sync.end();
});

test("batches with a hole between them are asked for again from the hole, and what stood behind it is not taken", async () => {
  const { sync, asked } = await connected();
  const subscribed = { type: "subscribed", taskId: TASK, status: "ok", lastSeq: 40 } as const;
  sync.hear(subscribed);
  sync.hear({ type: "events", events: log.slice(0, 10) });
  sync.hear({ type: "events", events: log.slice(20, 40) });
  expect(sync.view.seq).toBe(10);
  expect(asked.map((frame) => (frame.type === "subscribe" ? frame.after : null))).toEqual([0, 10]);
  sync.hear(subscribed);
  sync.hear({ type: "events", events: log.slice(10, 40) });
  expect(sync.view.seq).toBe(40);
  expect(sync.state.getSnapshot().status).toBe("live");
  await sync.end();
});
