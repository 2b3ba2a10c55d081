import { expect, test } from "bun:test";
import {
  Assignment,
  DeltaBatch,
  EventBatch,
  InboxPage,
  TakenMessages,
  WorkerRoutes,
} from "@farhand/protocol";
import { fixtures } from "@farhand/protocol/fixtures";
import { Door } from "../test/fixture.ts";

const { assignment, eventBatch, eventAck, deltaBatch, inboxPage, takeMessages, takenMessages } =
  fixtures.workerCalls;

test("the golden calls of a worker pass through the gateway whole, in both directions", async () => {
  await using door = await Door.open();
  door.ports.assignmentOf = async () => Assignment.parse(assignment);
  door.ports.taken = TakenMessages.parse(takenMessages).messages;
  door.ports.inboxItems.push(...InboxPage.parse(inboxPage).items);

  expect(await (await door.fetch(`${WorkerRoutes.assignment}?after=0`)).json()).toEqual(assignment);
  expect(await (await door.post(WorkerRoutes.events, eventBatch)).json()).toEqual(eventAck);
  expect(door.ports.log).toEqual(EventBatch.parse(eventBatch).events);
  expect((await door.post(WorkerRoutes.deltas, deltaBatch)).status).toBe(204);
  expect(door.ports.deltas).toEqual(DeltaBatch.parse(deltaBatch).deltas);
  expect(await (await door.fetch(`${WorkerRoutes.inbox}?after=0`)).json()).toEqual(inboxPage);
  expect(await (await door.post(WorkerRoutes.messages, takeMessages)).json()).toEqual(takenMessages);
});
