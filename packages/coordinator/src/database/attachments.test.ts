import { expect, test } from "bun:test";
import type { EventBody } from "@farhand/protocol";
import { messageId, newTask, OWNER, openStores, taskId } from "../../test/stores.ts";
import { edit, send } from "../domain/message-decisions.ts";
import { retry } from "../domain/turn-decisions.ts";

const BYTES = new TextEncoder().encode("one");

async function openTask() {
  const stores = await openStores();
  const attachments = await Promise.all(
    ["a.txt", "b.txt"].map(async (name) => {
      const given = { id: crypto.randomUUID(), name, mediaType: "text/plain" };
      return (await stores.attachments.put(OWNER.id, given, BYTES)).attachment;
    }),
  );
  await stores.tasks.create(newTask(1, { attachments: attachments.slice(0, 1) }));
  return { ...stores, all: attachments, [Symbol.asyncDispose]: () => stores[Symbol.asyncDispose]() };
}

const id = taskId(1);
const named = (bodies: EventBody[]) =>
  bodies.map((body) => ("attachments" in body ? body.attachments?.map(({ name }) => name) : null));

test("what belongs to a message comes with it: while it waits, when it is edited, when it is delivered", async () => {
  await using world = await openTask();
  const attachments = world.all.slice(1);
  await world.tasks.claim(id, { owner: "a", untilMs: 1 });
  await world.tasks.change(id, (facts) => send(facts, { messageId: messageId(7), text: "see", attachments }));
  await world.tasks.change(id, (facts) => edit(facts, messageId(7), "see this"));
  expect(await world.messages.waiting(id)).toMatchObject([{ text: "see this", attachments }]);
  const taken = await world.messages.take(id, 1, 0);
  expect(taken).toEqual([{ n: 1, messageId: messageId(7), text: "see this", attachments }]);
  expect((await world.log.conversation(id)).at(-1)?.content).toEqual([
    { type: "farhand_attachment", ...attachments[0] },
    { type: "text", text: "see this" },
  ]);
});

test("a retry has what belonged to the turn's prompt and to what was said in it", async () => {
  await using world = await openTask();
  await world.tasks.claim(id, { owner: "a", untilMs: 1 });
  await world.tasks.change(id, (facts) =>
    send(facts, { messageId: messageId(7), text: "see", attachments: world.all.slice(1) }),
  );
  await world.messages.take(id, 1, 0);
  const facts = await world.tasks.facts(id);
  const failed = { ...facts, task: { ...facts.task, state: "failed" as const } };
  expect(named(retry(failed))).toEqual([["a.txt"], ["b.txt"], null]);
});

test("a task never names an attachment that is not there any more", async () => {
  await using world = await openTask();
  const attachments = [{ id: crypto.randomUUID(), name: "c.txt", mediaType: "text/plain", sizeBytes: 1 }];
  await expect(
    world.tasks.change(id, (facts) => send(facts, { messageId: messageId(7), text: "see", attachments })),
  ).rejects.toThrow("FOREIGN KEY");
  expect((await world.tasks.facts(id)).messages).toHaveLength(1);
});
