import { expect, test } from "bun:test";
import { createMemoryStore } from "../local/memory-store.ts";
import { createDeviceCache } from "./device-cache.ts";

const open = (limits?: { entries: number; characters: number }) => {
  const local = createMemoryStore();
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  return { local, errors, cache: createDeviceCache(local, { onError, ...(limits ? { limits } : {}) }) };
};

test("what was put is there, under keys of any characters", async () => {
  const { cache, errors } = open();
  await cache.put("diff/t_1/ü漢/%41", { text: "x" });
  expect(await cache.get("diff/t_1/ü漢/%41")).toEqual({ text: "x" });
  expect(await cache.get("diff/t_1/other")).toBeNull();
  expect(errors).toEqual([]);
});

test("the oldest goes where there is too much, and what was put again is not the oldest", async () => {
  const { cache } = open({ entries: 2, characters: 1_000 });
  await cache.put("a", 1);
  await cache.put("b", 2);
  await cache.put("a", 3);
  await cache.put("c", 4);
  expect(await cache.get("a")).toBe(3);
  expect(await cache.get("b")).toBeNull();
  expect(await cache.get("c")).toBe(4);
});

test("a value that would drive out the others is not kept", async () => {
  const { cache } = open({ entries: 10, characters: 100 });
  await cache.put("small", "x");
  await cache.put("large", "x".repeat(40));
  expect(await cache.get("large")).toBeNull();
  expect(await cache.get("small")).toBe("x");
});

test("a store that fails keeps nothing and stops nobody", async () => {
  const { cache, local, errors } = open();
  await local.close();
  await cache.put("a", 1);
  expect(await cache.get("a")).toBeNull();
  expect(errors).toHaveLength(2);
});
