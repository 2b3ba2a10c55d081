import { expect, test } from "bun:test";
import { inputTokensOf, outputTokensOf } from "./usage-estimate.ts";

test("a request counts by its bytes, and what is said in other scripts by as many as that takes", () => {
  expect(inputTokensOf({ a: "x".repeat(3992) })).toBe(1000);
  expect(inputTokensOf({ a: "漢".repeat(1330) })).toBe(1000);
});

test("an image counts as one, however many bytes it has", () => {
  const image = (data: string) => ({
    messages: [
      {
        role: "user",
        content: [{ type: "image", source: { type: "base64", media_type: "image/png", data } }],
      },
    ],
  });
  expect(inputTokensOf(image("x".repeat(1_000_000)))).toBe(inputTokensOf(image("x")));
  expect(inputTokensOf(image("x"))).toBeGreaterThan(1600);
  // What only looks like one.
  expect(inputTokensOf({ source: { type: "base64", data: "x".repeat(40_000) } })).toBeGreaterThan(10_000);
});

test("an answer counts by its bytes, rounded up", () => {
  expect([0, 1, 3, 4].map(outputTokensOf)).toEqual([0, 1, 1, 2]);
});
