import { describe, expect, test } from "bun:test";
import { createColors } from "picocolors";
import { qrLines } from "./sign-in.ts";
import { setupLines } from "./up.ts";

const LINK = "https://farhand.example.com/link?token=abc";
const blocks = /[▀▄█]/;

describe("a QR code", () => {
  test("is drawn of an address that a phone can open", () => {
    for (const url of [LINK, "http://192.168.1.5:8787/link?token=abc", "http://[2001:db8::5]:8787/link"])
      expect(qrLines(url, { isLive: true }).join("\n")).toMatch(blocks);
  });

  test("is not drawn of this machine's own address: what to set is said instead", () => {
    for (const host of ["127.0.0.1:8787", "localhost:8787", "[::1]:8787", "0.0.0.0:8787"]) {
      const lines = qrLines(`http://${host}/link?token=abc`, { isLive: true }).join("\n");
      expect(lines).not.toMatch(blocks);
      expect(lines).toContain("A phone cannot open this");
      expect(lines).toContain("FARHAND_PUBLIC_URL");
    }
  });

  test("is not drawn where nobody looks", () => {
    expect(qrLines(LINK, { isLive: false })).toEqual([]);
  });
});

describe("the link of the first start", () => {
  const colors = createColors(false);
  const url = "https://farhand.example.com/setup?token=abc";

  test("is printed with its QR code into a service's log too", () => {
    const lines = setupLines(url, { colors, json: null }).join("\n");
    expect(lines).toContain(url);
    expect(lines).toMatch(blocks);
  });

  test("is left to the program that reads JSON", () => {
    expect(setupLines(url, { colors, json: () => undefined }).join("\n")).not.toMatch(blocks);
    expect(setupLines(null, { colors, json: null })).toEqual([]);
  });
});
