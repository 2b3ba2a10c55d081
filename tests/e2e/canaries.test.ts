import { afterAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canaryFinder, plant, searchFolder } from "./support/canaries.ts";

const SECRET = "sk-ant-planted-canary-0123456789";
const folder = await mkdtemp(join(tmpdir(), "fh-canaries-"));
afterAll(() => rm(folder, { recursive: true }));

test("the search for secrets finds one that stands only compressed in a git repository", async () => {
  const find = canaryFinder({ planted: SECRET });
  expect(await searchFolder(folder, find)).toEqual([]);
  await using planted = await plant(folder, SECRET);
  // As bytes it stands in none of the files.
  const files = await Array.fromAsync(new Bun.Glob("**/*").scan({ cwd: folder, onlyFiles: true }));
  expect(files.some((file) => file.endsWith(".pack"))).toBe(true);
  for (const file of files)
    expect(find(Buffer.from(await Bun.file(join(folder, file)).bytes()).toString("latin1"))).toEqual([]);
  expect(await searchFolder(folder, find)).toEqual([`${planted.place}: planted`]);
});

test("the search for secrets refuses to search for nothing", () => {
  expect(() => canaryFinder({})).toThrow("no canary");
  expect(() => canaryFinder({ empty: "" })).toThrow("too short");
});
