import { expect, test } from "bun:test";
import { createDoor } from "./door.ts";

const config = {
  publicUrl: "https://farhand.example.com",
  trustedProxies: ["172.31.87.2"],
  corsOrigins: [],
  allowPlainHttp: false,
};
const refusal = (socket: string | null, change: Partial<typeof config> = {}, headers = {}) => {
  const door = createDoor({ ...config, ...change });
  return door.refuseDirect(door.callerOf(socket, new Headers(headers)));
};

test("behind TLS nobody is served who has gone around the proxy, whatever they claim", async () => {
  for (const socket of ["203.0.113.9", "172.31.87.1", "192.168.1.5", "2001:db8::1", null])
    expect(
      refusal(socket, {}, { "x-forwarded-for": "172.31.87.2", "x-forwarded-proto": "https" })?.status,
    ).toBe(403);
  expect(await refusal("203.0.113.9")?.text()).toBe(
    "This port speaks plain HTTP and is for the proxy alone: use https://farhand.example.com\n",
  );
  for (const socket of ["172.31.87.2", "::ffff:172.31.87.2", "127.0.0.1", "::1"])
    expect(refusal(socket)).toBeNull();
});

test("where plain HTTP was allowed, or no TLS is spoken of, everybody is served", () => {
  expect(refusal("203.0.113.9", { allowPlainHttp: true })).toBeNull();
  const plain = createDoor({ ...config, publicUrl: null });
  expect(plain.refuseDirect(plain.callerOf("203.0.113.9", new Headers()))).toBeNull();
});
