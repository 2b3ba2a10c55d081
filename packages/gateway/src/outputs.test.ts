import { expect, test } from "bun:test";
import { OUTPUT_MAX_BYTES, WorkerRoutes } from "@farhand/protocol";
import { Door } from "../test/fixture.ts";

const put = (door: Door, call: string, body: string) =>
  door.fetch(`${WorkerRoutes.output}?call=${encodeURIComponent(call)}`, { method: "PUT", body });

test("a worker's outputs are taken, within bounds", async () => {
  await using door = await Door.open();
  expect((await put(door, "toolu_1", "red \u001b[31m")).status).toBe(204);
  expect(door.ports.outputs).toEqual(new Map([["toolu_1", "red \u001b[31m"]]));
  expect((await put(door, "full", "text")).status).toBe(413);
  expect((await put(door, "toolu_2", "x".repeat(OUTPUT_MAX_BYTES + 1))).status).toBe(413);
  expect((await put(door, "", "text")).status).toBe(400);
  expect((await put(door, "x".repeat(201), "text")).status).toBe(400);
  expect(door.ports.outputs.size).toBe(1);
});

test("an attempt that was replaced brings none, nor one whose turn is over", async () => {
  await using door = await Door.open();
  door.ports.isResting = true;
  expect((await put(door, "toolu_1", "text")).status).toBe(403);
  door.ports.isResting = false;
  door.ports.attempt = 2;
  expect((await put(door, "toolu_1", "text")).status).toBe(410);
  expect(door.ports.outputs.size).toBe(0);
});
