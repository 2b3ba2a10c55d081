import { expect, test } from "bun:test";
import { Late, within } from "./within.ts";

test("what comes in time is given", async () => {
  expect(await within(60_000, "a word", Promise.resolve("here"))).toBe("here");
});

test("what never comes is late, and says what it was", async () => {
  const late = within(1, "a word", new Promise<string>(() => undefined));
  expect(late).rejects.toThrow(new Late("a word took longer than 0.001 s"));
  await late.catch(() => undefined);
});

test("what fails in time fails as it does by itself", async () => {
  const failing = within(60_000, "a word", Promise.reject(new Error("no word")));
  expect(failing).rejects.toThrow("no word");
  await failing.catch(() => undefined);
});
