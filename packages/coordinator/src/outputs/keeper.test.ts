import { afterAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createOutputKeeper } from "./keeper.ts";

const folder = await mkdtemp(join(tmpdir(), "farhand-outputs-"));
afterAll(() => rm(folder, { recursive: true, force: true }));
const TASK = `t_${"0".repeat(26)}`;
let made = 0;
const errors: unknown[] = [];
const onError = (error: unknown) => void errors.push(error);
const keeperOver = (limits = {}) => createOutputKeeper(join(folder, String(made++)), 0, onError, limits);

test("the first text of a call stays, whatever its id is", async () => {
  const keeper = keeperOver();
  const id = "../../etc/passwd\0";
  expect(await keeper.keep(TASK, id, "grün\n")).toBe(true);
  expect(await keeper.keep(TASK, id, "another")).toBe(true);
  expect(await (await keeper.open(TASK, id))?.text()).toBe("grün\n");
  expect(await keeper.open(TASK, "another")).toBeNull();
  const names = await readdir(join(folder, String(made - 1), TASK, "outputs"));
  expect(names).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.txt$/)]);
});

test("a task may keep so many bytes and so many texts, and each task by itself", async () => {
  const small = keeperOver({ maxBytes: 10 });
  expect(await small.keep(TASK, "a", "123456")).toBe(true);
  expect(await small.keep(TASK, "b", "123456")).toBe(false);
  expect(await small.keep(TASK, "c", "1234")).toBe(true);
  expect(await small.keep(`t_${"1".repeat(26)}`, "b", "123456")).toBe(true);
  const few = keeperOver({ maxFiles: 2 });
  expect([
    await few.keep(TASK, "a", ""),
    await few.keep(TASK, "b", ""),
    await few.keep(TASK, "c", ""),
  ]).toEqual([true, true, false]);
});

test("a repeat of what is kept is taken where nothing more is, and what a crash has left takes no room", async () => {
  const few = keeperOver({ maxFiles: 1 });
  await mkdir(join(folder, String(made - 1), TASK, "outputs"), { recursive: true });
  await writeFile(join(folder, String(made - 1), TASK, "outputs", "left.partial"), "x");
  expect(await few.keep(TASK, "a", "text")).toBe(true);
  expect([await few.keep(TASK, "a", "text"), await few.keep(TASK, "b", "text")]).toEqual([true, false]);
});

test("a disk that is out of order is told of, and keeps nobody waiting", async () => {
  const broken = join(folder, "broken");
  await writeFile(broken, "no folder");
  expect(await createOutputKeeper(broken, 0, onError).keep(TASK, "a", "text")).toBe(false);
  expect(errors).toHaveLength(1);
});

test("nothing is taken where the disk has too little left", async () => {
  const keeper = createOutputKeeper(join(folder, "full"), Number.MAX_SAFE_INTEGER, onError);
  expect(await keeper.keep(TASK, "a", "text")).toBe(false);
  expect(await keeper.open(TASK, "a")).toBeNull();
});
