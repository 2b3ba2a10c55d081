import { describe, expect, test } from "bun:test";
import { type TokenPlace, tokenOf } from "./token.ts";

const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;

describe("finding the attempt token", () => {
  const cases: [Record<string, string>, TokenPlace[], string | null][] = [
    [{ authorization: "Bearer abc" }, ["bearer"], "abc"],
    [{ authorization: "bearer abc" }, ["bearer"], "abc"],
    [{ "x-api-key": "abc" }, ["bearer", "api-key"], "abc"],
    [{ "x-api-key": "abc" }, ["bearer"], null],
    [{ authorization: basic("x:abc") }, ["bearer", "basic"], "abc"],
    [{ authorization: basic("x:a:b") }, ["bearer", "basic"], "a:b"],
    [{ authorization: basic("x:abc") }, ["bearer"], null],
    [{ authorization: basic("abc") }, ["basic"], null],
    [{ authorization: basic("x:") }, ["basic"], null],
    [{ authorization: "Bearer one", "x-api-key": "two" }, ["bearer", "api-key"], "one"],
    [{}, ["bearer", "api-key", "basic"], null],
  ];
  test.each(cases)("in %j by %j gives %p", (headers, places, expected) => {
    expect(tokenOf(new Headers(headers), places)).toBe(expected);
  });
});
