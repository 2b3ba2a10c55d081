import { expect, test } from "bun:test";
import { until } from "../../test/until.ts";
import { leased } from "./lease.ts";
import { createMemoryStore } from "./memory-store.ts";

const quick = { leaseMs: 300, lookAgainMs: 5 };

test("those who share a store do their work one after the other", async () => {
  const local = createMemoryStore();
  let atOnce = 0;
  let most = 0;
  const done: string[] = [];
  const work = (owner: string) =>
    leased({ local, owner, ...quick }, "outbox", async () => {
      most = Math.max(most, ++atOnce);
      await Bun.sleep(10);
      atOnce -= 1;
      done.push(owner);
    });
  await Promise.all(["a", "b", "c"].map(work));
  expect(most).toBe(1);
  expect(done.toSorted()).toEqual(["a", "b", "c"]);
});

test("work that takes longer than a lease keeps it", async () => {
  const local = createMemoryStore();
  const order: string[] = [];
  const first = leased({ local, owner: "a", ...quick }, "outbox", async () => {
    order.push("a begins");
    await Bun.sleep(900);
    order.push("a ends");
  });
  await until("the first", () => order.length === 1);
  const second = leased({ local, owner: "b", ...quick }, "outbox", async () => void order.push("b"));
  await Promise.all([first, second]);
  expect(order).toEqual(["a begins", "a ends", "b"]);
});

test("a tab that is gone, and a clock that was set back, hold nobody up for ever", async () => {
  const local = createMemoryStore();
  const put = (untilMs: number) =>
    local.transaction("write", (tx) => tx.put("lease/outbox", { owner: "gone", untilMs }));
  for (const untilMs of [Date.now() + 100, Date.now() + 3_600_000]) {
    await put(untilMs);
    expect(await leased({ local, owner: "b", ...quick }, "outbox", async () => "done")).toBe("done");
  }
});

test("what the work throws comes out, and the next one may begin", async () => {
  const local = createMemoryStore();
  const failing = leased({ local, owner: "a", ...quick }, "outbox", () => Promise.reject(new Error("no")));
  expect(failing).rejects.toThrow("no");
  expect(await leased({ local, owner: "b", ...quick }, "outbox", async () => "done")).toBe("done");
});
