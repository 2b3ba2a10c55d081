import { expect, test } from "bun:test";
import { readBytes } from "./body.ts";

const limits = { stallMs: 60, totalMs: 400 };

function request(body: ReadableStream<Uint8Array>): Request {
  return new Request("http://gateway/x", { method: "POST", body });
}

async function statusOf(body: ReadableStream<Uint8Array>): Promise<number> {
  const read = await readBytes(request(body), 1_000_000, limits);
  return read.ok ? 200 : read.response.status;
}

test("a body that stops coming is not waited for", async () => {
  let isLeft = false;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(Uint8Array.of(1)),
    cancel: () => {
      isLeft = true;
    },
  });
  expect(await statusOf(body)).toBe(503);
  expect(isLeft).toBe(true);
});

test("nor is one that comes a byte at a time for ever", async () => {
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await Bun.sleep(10);
      controller.enqueue(Uint8Array.of(1));
    },
  });
  expect(await statusOf(body)).toBe(503);
});

test("one that comes in pieces is read whole", async () => {
  let pieces = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await Bun.sleep(20);
      if (++pieces > 5) controller.close();
      else controller.enqueue(Uint8Array.of(pieces));
    },
  });
  const read = await readBytes(request(body), 5, limits);
  expect(read.ok && [...read.value]).toEqual([1, 2, 3, 4, 5]);
});
