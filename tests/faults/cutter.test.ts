import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Cutter, startCutter } from "./cutter.ts";

const body = "0123456789".repeat(10_000);
let cutter: Cutter;
let server: ReturnType<typeof Bun.serve>;
beforeAll(async () => {
  cutter = await startCutter();
  server = Bun.serve({ port: 0, fetch: () => new Response(body) });
});
afterAll(async () => {
  await cutter[Symbol.asyncDispose]();
  await server.stop(true);
});

const get = () => fetch(cutter.url, { keepalive: false }).then((answer) => answer.text());

test("the proxy refuses connections until it is told where they lead, and then passes all through", async () => {
  await expect(get()).rejects.toThrow();
  cutter.lead(server.url.href);
  expect(await get()).toBe(body);
});

test("the proxy breaks a connection after just as many bytes as it is told", async () => {
  cutter.lead(server.url.href);
  cutter.cutAfter(() => 500);
  let bytes = 0;
  const closed = Promise.withResolvers<void>();
  await Bun.connect({
    hostname: "127.0.0.1",
    port: Number(new URL(cutter.url).port),
    socket: {
      open: (socket) => void socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n"),
      data: (_, chunk) => {
        bytes += chunk.length;
      },
      close: () => closed.resolve(),
    },
  });
  await closed.promise;
  expect(bytes).toBe(500);
  await expect(get()).rejects.toThrow();
  cutter.cutAfter(null);
  expect(await get()).toBe(body);
});
