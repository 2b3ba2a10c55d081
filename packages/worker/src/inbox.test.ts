import { expect, test } from "bun:test";
import type { InboxItem } from "@farhand/protocol";
import { until } from "../test/until.ts";
import { GatewayAway, GatewayRefusal } from "./gateway-client.ts";
import { Inbox } from "./inbox.ts";

const item = (n: number, type: InboxItem["type"] = "messages"): InboxItem => ({ n, type });

function open(poll: (after: number, signal: AbortSignal) => Promise<InboxItem[]>, after = 0) {
  const seen = { types: [] as string[], refused: null as unknown };
  const inbox = new Inbox({
    after,
    poll,
    sleep: () => Bun.sleep(1),
    random: () => 0,
    onSignal: (type) => seen.types.push(type),
    onRefused: (error) => {
      seen.refused = error;
    },
  });
  return { inbox, seen };
}

/** Answers each poll with the next list, and holds the last one open. */
function answers(...lists: InboxItem[][]) {
  const asked: number[] = [];
  const poll = async (after: number, signal: AbortSignal) => {
    asked.push(after);
    const next = lists.shift();
    if (next) return next;
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    return [];
  };
  return { asked, poll };
}

test("signals are passed on once, in order, and each poll asks for what is new", async () => {
  const { asked, poll } = answers([item(1), item(2, "stop")], [], [item(2, "stop"), item(5, "cancel")]);
  const { inbox, seen } = open(poll);
  await until(() => asked.length === 4);
  expect(seen.types).toEqual(["messages", "stop", "cancel"]);
  expect(asked).toEqual([0, 2, 2, 5]);
  await inbox[Symbol.asyncDispose]();
});

test("a signal from before the turn is nothing to it", async () => {
  const { asked, poll } = answers([item(6, "stop"), item(7, "stop"), item(8)]);
  const { inbox, seen } = open(poll, 7);
  await until(() => asked.length === 2);
  expect(seen.types).toEqual(["messages"]);
  expect(asked).toEqual([7, 8]);
  await inbox[Symbol.asyncDispose]();
});

test("while the gateway is away the inbox goes on asking, and a refusal ends that", async () => {
  let polls = 0;
  const refusal = new GatewayRefusal(401, "no");
  const { inbox, seen } = open(async () => {
    polls += 1;
    throw polls < 4 ? new GatewayAway("away") : refusal;
  });
  await until(() => seen.refused !== null);
  expect(seen.refused).toBe(refusal);
  expect(polls).toBe(4);
  await inbox[Symbol.asyncDispose]();
});
