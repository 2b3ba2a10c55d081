import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import type { Attachment, Message } from "@farhand/protocol";
import { noDocker } from "./support/docker.ts";
import { addMember } from "./support/member.ts";
import { openWorld, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  if (!noDocker) world = await openWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

const PNG = new Uint8Array(
  Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  ),
);
/** The same pixel in other bytes. */
const OTHER = new Uint8Array([...PNG, 0]);
const NOTES = new TextEncoder().encode("The button is two pixels too low.\n");

/** As the scenario describes a picture that it was shown. */
const seen = (bytes: Uint8Array) =>
  `image/png of 1x1 (${createHash("sha256").update(bytes).digest("hex").slice(0, 16)})`;

const upload = (name: string, mediaType: string, bytes: Uint8Array): Promise<Attachment> =>
  world.client.putAttachment({ id: crypto.randomUUID(), name, mediaType }, bytes);

/** The first messages of all model requests in which the task's prompt stands. */
const openings = (prompt: string): string[] =>
  world.claude.requests
    .map(({ body }) => (body as { messages?: Message[] }).messages?.[0])
    .filter((message) => JSON.stringify(message)?.includes(prompt))
    .map((message) => JSON.stringify(message));

describe.skipIf(noDocker)("photos and files", () => {
  test("reach the model and the sandbox, stay out of the repository, and are the same after every restart", async () => {
    const shot = await upload("screenshot.png", "image/png", PNG);
    const notes = await upload("notes.txt", "text/plain", NOTES);
    const prompt = "Mend the button. [scenario:look-at-attachments]";
    const task = await world.create({ prompt, attachments: [shot.id, notes.id] });
    const first = await world.ended(task.id);
    expect(first).toMatchObject({ state: "idle", failure: null, summary: `I saw ${seen(PNG)}.` });

    const [looked] = await world.bodies(task.id, "tool.finished");
    expect(String(looked?.content)).toContain(`${PNG.length} ${shot.id}/screenshot.png`);
    expect(String(looked?.content)).toContain("two pixels too low");
    expect(await world.bodies(task.id, "branch.pushed")).toMatchObject([{ commit: null }]);
    const [opened] = await world.bodies(task.id, "turn.started");
    expect(opened?.attachments).toEqual([shot, notes]);

    // A new coordinator, a new sandbox, and a second picture.
    await world.restart();
    const other = await upload("after.png", "image/png", OTHER);
    await world.client.sendMessage(task.id, {
      text: "And now? [scenario:look-at-attachments]",
      attachments: [other.id],
    });
    const second = await world.ended(task.id, first.lastSeq);
    expect(second).toMatchObject({ state: "idle", summary: `I saw ${seen(PNG)}, ${seen(OTHER)}.` });
    const all = openings(prompt);
    expect(all.length).toBeGreaterThanOrEqual(4);
    expect(new Set(all).size).toBe(1);
    expect(Buffer.from(await (await world.client.attachment(other.id)).arrayBuffer()).equals(OTHER)).toBe(
      true,
    );
  }, 120_000);

  test("are a refusal in words where they were not uploaded, or are somebody else's", async () => {
    const member = addMember(world, "mallory");
    const theirs = await upload("owner.txt", "text/plain", NOTES);
    await expect(member.client.attachment(theirs.id)).rejects.toMatchObject({
      status: 404,
      code: "not_found",
    });
    const repository = world.sample.cloneUrl;
    await expect(
      member.client.createTask({ repository, prompt: "Read it to me.", attachments: [theirs.id] }),
    ).rejects.toMatchObject({ status: 422, code: "attachment_unknown" });
    const nobodys = crypto.randomUUID();
    await expect(
      world.client.createTask({ repository, prompt: "Read it.", attachments: [nobodys] }),
    ).rejects.toMatchObject({ status: 422, message: expect.stringContaining(nobodys) });
    const { tasks } = await member.client.listTasks();
    expect(tasks).toEqual([]);
  }, 60_000);
});
