import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  Assignment,
  DeltaBatch,
  EventBatch,
  InboxPage,
  TakenMessages,
  WorkerRoutes,
} from "@farhand/protocol";
import { fixtures } from "@farhand/protocol/fixtures";
import { GatewayClient } from "./gateway-client.ts";

const { assignment, eventBatch, eventAck, deltaBatch, inboxPage, takeMessages, takenMessages } =
  fixtures.workerCalls;

test("the worker says and understands the golden calls", async () => {
  const folder = await mkdtemp(join(tmpdir(), "farhand-fixtures-"));
  const socket = join(folder, "g.sock");
  const received: unknown[] = [];
  const answers: Record<string, unknown> = {
    [WorkerRoutes.assignment]: assignment,
    [WorkerRoutes.events]: eventAck,
    [WorkerRoutes.inbox]: inboxPage,
    [WorkerRoutes.messages]: takenMessages,
  };
  const server = Bun.serve({
    unix: socket,
    async fetch(request) {
      if (request.method === "POST") received.push(await request.json());
      const answer = answers[new URL(request.url).pathname];
      return answer ? Response.json(answer) : new Response(null, { status: 204 });
    },
  });
  try {
    const client = new GatewayClient({ socket, token: "fha_example", onStop: () => undefined });
    const { signal } = new AbortController();
    expect(await client.assignment(0, signal)).toEqual(Assignment.parse(assignment));
    const sent = await client.postEvents(EventBatch.parse(eventBatch).events, signal);
    expect(sent).toEqual({ status: "ok", acknowledged: 11 });
    await client.postDeltas(DeltaBatch.parse(deltaBatch).deltas, signal);
    expect(await client.inbox(0, signal)).toEqual(InboxPage.parse(inboxPage).items);
    const taken = await client.takeMessages(0, signal);
    expect(taken).toEqual(TakenMessages.parse(takenMessages).messages);
    expect(received).toEqual([eventBatch, deltaBatch, takeMessages]);
  } finally {
    await server.stop(true);
    await rm(folder, { recursive: true, force: true });
  }
});
