import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { FarhandError } from "../domain/failure.ts";
import { isWithin, joinPath, parsePath, showName, showPath } from "./path-bytes.ts";

const bytes = (text: string) => Buffer.from(text, "latin1");

describe("a path as clients see it", () => {
  test.each([
    ["plain.txt", "plain.txt"],
    ["with space\nand line", "with space\nand line"],
    ["100%", "100%25"],
    ["caf\xe9", "caf%E9"],
    ["caf\xc3\xa9", "café"],
    ["\xff%ff", "%FF%25ff"],
    ["\xef\xbb\xbfbom", "\ufeffbom"],
    ["\xf0\x9f\x98", "%F0%9F%98"],
    ["\xed\xa0\x80", "%ED%A0%80"],
    ["\xc0\xaf", "%C0%AF"],
  ])("%j is %j", (name, shown) => {
    expect(showPath(bytes(name))).toBe(shown);
  });

  test("to be read only leaves its percent signs as they are", () => {
    expect(showName(bytes("100% caf\xe9"))).toBe("100% caf%E9");
  });

  test("leads back to the same bytes, whatever they are", () => {
    const part = fc
      .uint8Array({ min: 1, max: 255, minLength: 1, maxLength: 12 })
      .filter((it) => !it.includes(0x2f) && !/^\.\.?$/.test(Buffer.from(it).toString("latin1")));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
        const again = parsePath(showPath(joinPath(parts)));
        expect(again.map((it) => [...it])).toEqual(parts.map((it) => [...it]));
      }),
    );
  });

  test.each([
    "/etc/passwd",
    "..",
    "../x",
    "a/../b",
    "a/..",
    ".",
    "./a",
    "a//b",
    "a/",
    "a\0b",
    "a%00b",
    "%2e%2e/x",
    "%2Fetc",
    "a%2f%2e./b",
    "50%",
    "50%x",
    "x".repeat(5000),
  ])("is refused where no tree can hold it: %j", (path) => {
    expect(() => parsePath(path)).toThrow(FarhandError);
    expect(() => parsePath(path)).toThrow("The path cannot be");
  });

  test("may have three dots, hidden names and a colon", () => {
    expect(parsePath("...").length).toBe(1);
    expect(parsePath(".git/:(top)").length).toBe(2);
    expect(parsePath("")).toEqual([]);
  });

  test("lies within a folder by whole parts", () => {
    expect(isWithin(bytes("a"), bytes("a"))).toBe(true);
    expect(isWithin(bytes("a"), bytes("a/b"))).toBe(true);
    expect(isWithin(bytes("a"), bytes("ab"))).toBe(false);
    expect(isWithin(bytes("a/b"), bytes("a"))).toBe(false);
    expect(isWithin(bytes("b"), bytes("a/b"))).toBe(false);
  });
});
