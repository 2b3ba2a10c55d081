import { afterEach, beforeEach, expect, test } from "bun:test";
import { WorkerExit } from "@farhand/protocol";
import { TestGateway } from "../test/gateway.ts";
import type { WorkerStop } from "./failure.ts";
import { GatewayAway, GatewayClient, GatewayRefusal } from "./gateway-client.ts";

let gateway: TestGateway;
let stops: WorkerStop[];
beforeEach(async () => {
  gateway = await TestGateway.start("http://127.0.0.1:9");
  stops = [];
});
afterEach(() => gateway[Symbol.asyncDispose]());

const { signal } = new AbortController();
const client = () => new GatewayClient({ ...gateway.environment, onStop: (stop) => stops.push(stop) });
const event = (n: number) => ({
  n,
  at: new Date().toISOString(),
  event: { type: "notice" as const, level: "info" as const, code: "c", message: "m" },
});
const thrown = (promise: Promise<unknown>) => promise.then(() => null).catch((error: unknown) => error);

test("the assignment, events, the inbox and messages are read as the protocol has them", async () => {
  expect(await client().assignment(0, signal)).toEqual(gateway.assignment);
  expect(await client().postEvents([event(1), event(2)], signal)).toEqual({ status: "ok", acknowledged: 2 });
  expect(await client().postEvents([event(4)], signal)).toEqual({ status: "gap", acknowledged: 2 });
  gateway.write("one");
  gateway.write("two");
  gateway.signal("cancel");
  expect(await client().inbox(2, signal)).toEqual([{ n: 3, type: "cancel" }]);
  const taken = await client().takeMessages(0, signal);
  expect(taken.map(({ n, text }) => [n, text])).toEqual([
    [1, "one"],
    [2, "two"],
  ]);
  expect(await client().takeMessages(1, signal)).toEqual(taken.slice(1));
});

test("a gateway that is gone or in trouble is away, and one that refuses has refused", async () => {
  gateway.intercept = () => new Response("starting", { status: 503 });
  expect(await thrown(client().assignment(0, signal))).toBeInstanceOf(GatewayAway);
  gateway.intercept = () => new Response("who?", { status: 401 });
  expect(await thrown(client().assignment(0, signal))).toBeInstanceOf(GatewayRefusal);
  await gateway.down();
  expect(await thrown(client().assignment(0, signal))).toBeInstanceOf(GatewayAway);
});

test("an answer that breaks off is as good as none", async () => {
  gateway.intercept = () =>
    new Response(
      new ReadableStream({
        pull: async (controller) => {
          controller.enqueue(new TextEncoder().encode('{"messages":['));
          await gateway.down();
        },
      }),
    );
  expect(await thrown(client().takeMessages(0, signal))).toBeInstanceOf(GatewayAway);
});

test.each([
  [410, WorkerExit.stale],
  [426, WorkerExit.unsupportedProtocol],
])("an answer of %d ends the worker with exit code %d", async (status, exitCode) => {
  gateway.intercept = () => new Response(null, { status });
  expect(await thrown(client().inbox(0, signal))).toMatchObject({ exitCode });
  expect(stops.map((stop) => stop.exitCode)).toEqual([exitCode]);
});

test("an answer that is not what the protocol says is refused", async () => {
  gateway.intercept = () => Response.json({ items: [{ n: 1, type: "surprise" }] });
  expect(await thrown(client().inbox(0, signal))).toBeInstanceOf(Error);
  gateway.intercept = () => Response.json({ ...gateway.assignment, secret: "x" });
  expect(await thrown(client().assignment(0, signal))).toBeInstanceOf(Error);
});
