import { expect, test } from "bun:test";
import { GatewayAway, GatewayRefusal } from "./gateway-client.ts";
import { Steering, type TakenMessage } from "./steering.ts";

const message = (n: number): TakenMessage => ({ n, messageId: `m${n}`, text: `text ${n}` });

/** Steering whose takes are answered by the given rules, one after the other. */
function open(...rules: ((after: number) => TakenMessage[])[]) {
  const did: string[] = [];
  const stop = new AbortController();
  const steering = new Steering({
    after: 2,
    take: async (after) => {
      did.push(`take ${after}`);
      return rules.shift()?.(after) ?? [];
    },
    flush: async (signal) => {
      did.push("flush");
      return !signal.aborted;
    },
    sleep: async () => undefined,
    random: () => 0,
    signal: stop.signal,
  });
  return { steering, did, stop };
}

test("nobody is asked until somebody has written, and the log is complete before that", async () => {
  const { steering, did } = open(() => [message(3), message(4)]);
  expect(await steering.takeIfTold()).toEqual([]);
  expect(did).toEqual([]);
  steering.tell();
  expect(steering.isTold).toBe(true);
  expect(await steering.takeIfTold()).toEqual([message(3), message(4)]);
  expect(did).toEqual(["flush", "take 2"]);
  expect(steering.isTold).toBe(false);
  await steering.take();
  expect(did.at(-1)).toBe("take 4");
});

test("what is given twice is handed over once", async () => {
  const { steering } = open(
    () => [message(3)],
    () => [message(3), message(4)],
  );
  expect(await steering.take()).toEqual([message(3)]);
  expect(await steering.take()).toEqual([message(4)]);
});

test("an answer that is lost is asked for again from the same place", async () => {
  const away = () => {
    throw new GatewayAway("away");
  };
  const { steering, did } = open(away, away, () => [message(3)]);
  expect(await steering.take()).toEqual([message(3)]);
  expect(did).toEqual(["flush", "take 2", "take 2", "take 2"]);
});

test("a refusal is thrown, and so is the reason to stop", async () => {
  const refusal = new GatewayRefusal(403, "no");
  const { steering, stop } = open(() => {
    throw refusal;
  });
  expect(await steering.take().catch((error: unknown) => error)).toBe(refusal);
  const reason = new Error("stopped");
  stop.abort(reason);
  expect(await steering.take().catch((error: unknown) => error)).toBe(reason);
});
