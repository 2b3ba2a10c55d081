import { expect, test } from "bun:test";
import { ATTACKS } from "./attacks.ts";

test("every attack has a name of its own and says what is to stop it", () => {
  const names = ATTACKS.map(({ area, name }) => `${area}: ${name}`);
  expect(new Set(names).size).toBe(names.length);
  expect(ATTACKS.filter(({ by }) => by === "")).toEqual([]);
});

test("every kind of harm is among them", () => {
  const areas = new Set(ATTACKS.map(({ area }) => area));
  expect([...areas].sort()).toEqual([
    "display",
    "egress",
    "files",
    "gateway",
    "host",
    "injection",
    "money",
    "network",
    "push",
    "resources",
    "secrets",
    "setup",
    "sign-in",
    "web",
  ]);
});
