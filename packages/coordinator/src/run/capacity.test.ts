import { expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { createCapacity } from "./capacity.ts";

const EXBIBYTE = 2 ** 60;
const shortageOf = (diskFreeBytes: number, workerStartBytes: number, starting = 0) =>
  createCapacity({ dataDirectory: tmpdir(), diskFreeBytes, workerStartBytes })(starting);

test("a machine that has what a sandbox starts with is short of nothing", async () => {
  expect(await shortageOf(0, 0)).toBeNull();
});

test("a disk or a memory with less than is asked for is named, with both figures", async () => {
  const disk = await shortageOf(EXBIBYTE, 0);
  expect(disk).toMatchObject({ code: "disk_full", message: expect.stringMatching(/\d+ MiB left.*\d+ MiB/) });
  const memory = await shortageOf(0, EXBIBYTE);
  expect(memory).toMatchObject({ code: "memory_low", message: expect.stringMatching(/\d+ MiB of memory/) });
});

test("sandboxes that are only starting are counted with the memory that they will use", async () => {
  const mib = 1024 * 1024;
  expect(await shortageOf(0, mib, 0)).toBeNull();
  expect((await shortageOf(0, mib, 1_000_000_000))?.code).toBe("memory_low");
});
