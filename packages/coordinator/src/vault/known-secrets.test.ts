import { expect, test } from "bun:test";
import { createKnownSecrets } from "./known-secrets.ts";

const DAY_MS = 24 * 60 * 60_000;

function open() {
  const time = { ms: 0 };
  return { time, known: createKnownSecrets(["own-1", ""], { now: () => new Date(time.ms) }) };
}

test("a user's secrets are known for that user, the server's own for all, and everybody's for its log", () => {
  const { known } = open();
  known.set("ada", "a", "adas");
  known.addOwn("own-2");
  expect([known.of("ada"), known.of("ben"), known.all()]).toEqual([
    ["own-1", "own-2", "adas"],
    ["own-1", "own-2"],
    ["own-1", "own-2", "adas"],
  ]);
});

test("the list is the same until it changes", () => {
  const { known } = open();
  known.set("ada", "a", "adas");
  const [before, all] = [known.of("ada"), known.all()];
  known.set("ada", "a", "adas");
  known.set("ben", "b", "bens");
  expect(known.of("ada")).toBe(before);
  expect(known.all()).not.toBe(all);
});

test("what was replaced or removed is known for a week more, unless it stands somewhere else", () => {
  const { known, time } = open();
  known.set("ada", "a", "first");
  known.set("ada", "b", "second");
  known.set("ada", "a", "second");
  known.retire("ada", "b");
  time.ms = 6 * DAY_MS;
  expect(known.of("ada")).toEqual(["own-1", "second", "first"]);
  time.ms = 8 * DAY_MS;
  expect([known.of("ada"), known.all()]).toEqual([
    ["own-1", "second"],
    ["own-1", "second"],
  ]);
});

test("one user who changes a secret again and again fills no memory", () => {
  const { known } = open();
  for (let number = 0; number < 10_000; number++) known.set("mallory", "a", `secret-${number}`);
  expect(known.of("mallory")).toHaveLength(202);
  expect(known.of("mallory")).toContain("secret-9999");
  expect(known.of("mallory")).toContain("secret-9998");
});
