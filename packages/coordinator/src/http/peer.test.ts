import { describe, expect, test } from "bun:test";
import { createCallerReader } from "./peer.ts";

const proxied = createCallerReader({ trustedProxies: ["10.0.0.0/8", "::1"], publicUrl: null });
const address = (socket: string, headers: Record<string, string> = {}) =>
  proxied(socket, new Headers(headers)).peer.address;

describe("the caller's address", () => {
  test("is the connection's own where no proxy is trusted, whatever headers say", () => {
    const direct = createCallerReader({ trustedProxies: [], publicUrl: null });
    const headers = new Headers({ "x-forwarded-for": "1.2.3.4", "x-forwarded-proto": "https" });
    expect(direct("203.0.113.9", headers)).toEqual({
      peer: { address: "203.0.113.9", isLoopback: false },
      isTls: false,
      isDirect: true,
    });
  });

  test("comes from X-Forwarded-For when a trusted proxy connects", () => {
    expect(address("10.1.2.3", { "x-forwarded-for": "203.0.113.9" })).toBe("203.0.113.9");
    expect(address("::ffff:10.1.2.3", { "x-forwarded-for": "2001:db8::1" })).toBe("2001:db8::1");
    expect(address("::1", { "x-forwarded-for": "::ffff:203.0.113.9" })).toBe("203.0.113.9");
    expect(address("203.0.113.1", { "x-forwarded-for": "198.51.100.7" })).toBe("203.0.113.1");
  });

  test("is the last hop that is not trusted: what stands before it was written by a stranger", () => {
    expect(address("10.1.2.3", { "x-forwarded-for": "127.0.0.1, 203.0.113.9, 10.9.9.9" })).toBe(
      "203.0.113.9",
    );
    expect(address("10.1.2.3", { "x-forwarded-for": "203.0.113.9, junk" })).toBe("10.1.2.3");
    expect(address("10.1.2.3", { "x-forwarded-for": "junk, 203.0.113.9" })).toBe("203.0.113.9");
    expect(address("10.1.2.3", { "x-forwarded-for": "10.4.4.4" })).toBe("10.1.2.3");
    expect(address("10.1.2.3", { "x-forwarded-for": "" })).toBe("10.1.2.3");
  });

  test("is unknown where the server does not know it", () => {
    expect(proxied(null, new Headers({ "x-forwarded-for": "127.0.0.1" })).peer).toEqual({
      address: null,
      isLoopback: false,
    });
  });
});

describe("loopback", () => {
  test("is only a direct connection: with any forwarding header it came through a proxy", () => {
    const isLoopback = (socket: string, headers: Record<string, string> = {}) =>
      proxied(socket, new Headers(headers)).peer.isLoopback;
    expect(["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"].map((it) => isLoopback(it))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    for (const name of ["x-forwarded-for", "forwarded", "x-real-ip", "x-forwarded-host", "via"])
      expect([name, isLoopback("127.0.0.1", { [name]: "127.0.0.1" })]).toEqual([name, false]);
    expect(isLoopback("10.1.2.3", { "x-forwarded-for": "127.0.0.1" })).toBe(false);
  });
});

test("a connection is direct that comes neither from a trusted proxy nor from this machine", () => {
  const isDirect = (socket: string | null) => proxied(socket, new Headers({ via: "x" })).isDirect;
  expect(["10.1.2.3", "127.0.0.1", "::1", "::ffff:127.0.0.1"].map(isDirect)).toEqual([
    false,
    false,
    false,
    false,
  ]);
  expect(["203.0.113.9", "192.168.1.5", "2001:db8::1", null].map(isDirect)).toEqual([true, true, true, true]);
});

describe("TLS", () => {
  test("is there when the public address says so, or a trusted proxy does", () => {
    const isTls = (publicUrl: string | null, socket: string, proto?: string) =>
      createCallerReader({ trustedProxies: ["10.0.0.1"], publicUrl })(
        socket,
        new Headers(proto ? { "x-forwarded-proto": proto } : {}),
      ).isTls;
    expect(isTls("https://farhand.example.com", "10.0.0.1")).toBe(true);
    expect(isTls("https://farhand.example.com", "127.0.0.1")).toBe(true);
    // It has reached the port around the proxy, and so without its TLS.
    expect(isTls("https://farhand.example.com", "203.0.113.9", "https")).toBe(false);
    expect(isTls(null, "10.0.0.1", "https")).toBe(true);
    expect(isTls(null, "10.0.0.1", "https, http")).toBe(false);
    expect(isTls(null, "10.0.0.2", "https")).toBe(false);
    expect(isTls("http://farhand.example.com", "10.0.0.1")).toBe(false);
  });
});
