import { expect, test } from "bun:test";
import { exists } from "node:fs/promises";
import { join } from "node:path";

const root = join(import.meta.dir, "..");
const text = await Bun.file(join(root, "docs/threat-model.md")).text();

test("each test that the threat model names is there", async () => {
  const named = [
    ...new Set([...text.matchAll(/`((?:tests|packages)\/[^`]+\.ts)`/g)].map(([, path]) => path ?? "")),
  ];
  expect(named.length).toBeGreaterThan(30);
  const missing: string[] = [];
  for (const path of named) if (!(await exists(join(root, path)))) missing.push(path);
  expect(missing).toEqual([]);
});

test("each wall of the threat model names a test", () => {
  const walls = text.slice(text.indexOf("## Walls"), text.indexOf("## What is not defended"));
  const rows = walls.split("\n").filter((line) => /^\| (?!wall|-)/.test(line));
  expect(rows.length).toBeGreaterThan(30);
  expect(rows.filter((row) => !/`(tests|packages)\/[^`]+\.ts`/.test(row))).toEqual([]);
});
