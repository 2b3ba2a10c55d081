import { expect, test } from "bun:test";
import type { InboxItem } from "@farhand/protocol";
import { until } from "../test/until.ts";
import { GatewayAway, GatewayRefusal } from "./gateway-client.ts";
import { Inbox } from "./inbox.ts";

const message = (n: number): InboxItem => ({ n, type: "message", messageId: `m${n}`, text: `text ${n}` });

function open(poll: (after: number, signal: AbortSignal) => Promise<InboxItem[]>, delivered: string[] = []) {
  const seen = { cancelled: false, refused: null as unknown };
  const inbox = new Inbox({
    poll,
    sleep: () => Bun.sleep(1),
    random: () => 0,
    delivered,
    onCancel: () => {
      seen.cancelled = true;
    },
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

test("messages are handed over once, in order, and each poll asks for what is new", async () => {
  const { asked, poll } = answers([message(1), message(2)], [], [message(5)]);
  const { inbox } = open(poll);
  await until(() => asked.length === 4);
  expect(inbox.hasMessages).toBe(true);
  expect(inbox.take().map(({ text }) => text)).toEqual(["text 1", "text 2", "text 5"]);
  expect(inbox.take()).toEqual([]);
  expect(asked).toEqual([0, 2, 2, 5]);
  await inbox[Symbol.asyncDispose]();
});

test("a message that an earlier process delivered, or that comes twice, is left out", async () => {
  const { asked, poll } = answers([message(1), message(2)], [message(2)]);
  const { inbox } = open(poll, ["m1"]);
  await until(() => asked.length === 3);
  expect(inbox.take().map(({ messageId }) => messageId)).toEqual(["m2"]);
  await inbox[Symbol.asyncDispose]();
});

test("a cancel is passed on at once", async () => {
  const { poll } = answers([{ n: 1, type: "cancel" }]);
  const { inbox, seen } = open(poll);
  await until(() => seen.cancelled);
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
