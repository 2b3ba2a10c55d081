import { expect, test } from "bun:test";
import { WorkerRoutes } from "@farhand/protocol";
import { Door } from "../test/fixture.ts";

const ID = "0b9f6f0e-3b0a-4c59-9d6e-0a4f1c2d3e4f";
const PATH = `${WorkerRoutes.attachment}?id=${ID}`;

test("a worker gets the bytes of its task's attachments, and of no others", async () => {
  await using door = await Door.open();
  const bytes = new Uint8Array(3 * 1024 * 1024).fill(7);
  door.ports.attachments.set(ID, new Blob([bytes]));
  const answer = await door.fetch(PATH);
  expect(answer.headers.get("content-type")).toBe("application/octet-stream");
  expect(Buffer.from(await answer.arrayBuffer()).equals(Buffer.from(bytes))).toBe(true);
  expect((await door.fetch(`${WorkerRoutes.attachment}?id=${crypto.randomUUID()}`)).status).toBe(404);
  expect((await door.fetch(`${WorkerRoutes.attachment}?id=..%2f..%2fetc`)).status).toBe(400);
  expect((await door.fetch(PATH, { method: "PUT", body: "x" })).status).toBe(403);
});

test("an attempt that was replaced gets none, nor one whose turn is over", async () => {
  await using door = await Door.open();
  door.ports.attachments.set(ID, new Blob(["x"]));
  door.ports.isResting = true;
  expect((await door.fetch(PATH)).status).not.toBe(200);
  door.ports.isResting = false;
  door.ports.attempt = 2;
  expect((await door.fetch(PATH)).status).toBe(410);
});
