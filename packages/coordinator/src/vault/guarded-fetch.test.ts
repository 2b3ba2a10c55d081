import { afterAll, expect, test } from "bun:test";
import { guardedFetch } from "./guarded-fetch.ts";

const hits: string[] = [];
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch(request) {
    hits.push(request.url);
    return new Response("here");
  },
});
afterAll(() => server.stop(true));

test("a name that leads to this machine is not connected to", async () => {
  const fetch = guardedFetch(async () => ["127.0.0.1"]);
  await expect(fetch(`http://model.example:${server.port}/v1`, {})).rejects.toMatchObject({
    code: "address_refused",
  });
  expect(hits).toEqual([]);
});

test("the control: without the guard that address answers", async () => {
  expect(await (await fetch(`http://127.0.0.1:${server.port}/v1`)).text()).toBe("here");
  expect(hits).toHaveLength(1);
});
