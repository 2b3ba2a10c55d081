import { describe, expect, test } from "bun:test";
import { createOriginPolicy } from "./origin.ts";

const headers = (origin: string | null, host: string) =>
  new Headers({ host, ...(origin === null ? {} : { origin }) });

describe("a request's origin", () => {
  const policy = createOriginPolicy({
    listed: ["https://app.example.com"],
    publicUrl: "https://farhand.example.com/",
  });

  test("may be missing, ours, or listed", () => {
    for (const origin of [null, "https://farhand.example.com", "https://app.example.com"])
      expect(policy.allows(headers(origin, "farhand.example.com"))).toBe(true);
  });

  test("is compared whole: neither a part, nor another scheme or port, nor null will do", () => {
    for (const origin of [
      "https://evil.example.com",
      "https://farhand.example.com.evil.example",
      "https://evilfarhand.example.com",
      "http://farhand.example.com",
      "https://farhand.example.com:8443",
      "https://app.example.com/",
      "HTTPS://APP.EXAMPLE.COM",
      "null",
      "",
      "*",
    ])
      expect([origin, policy.allows(headers(origin, "farhand.example.com"))]).toEqual([origin, false]);
  });

  test("may be the machine's own address, but no name that a stranger could point at it", () => {
    const local = createOriginPolicy({ listed: [], publicUrl: null });
    for (const host of ["127.0.0.1:8787", "localhost:8787", "[::1]:8787", "192.168.1.5:8787"])
      expect([host, local.allows(headers(`http://${host}`, host))]).toEqual([host, true]);
    // The page's own name leads to us: its Origin and its Host agree, and prove nothing.
    expect(local.allows(headers("http://rebound.example:8787", "rebound.example:8787"))).toBe(false);
    expect(local.allows(headers("http://localhost:3000", "localhost:8787"))).toBe(false);
  });
});
