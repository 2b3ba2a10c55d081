import { describe, expect, test } from "bun:test";
import { KeyedLock } from "./keyed-lock.ts";

describe("a keyed lock", () => {
  test("lets one at a time in, in order, also after one has failed", async () => {
    const lock = new KeyedLock();
    const seen: string[] = [];
    const work = (name: string) => async () => {
      seen.push(`${name} in`);
      await Bun.sleep(1);
      seen.push(`${name} out`);
      if (name === "a") throw new Error("a failed");
      return name;
    };
    const runs = ["a", "b", "c"].map((name) => lock.run("key", undefined, work(name)));
    expect((await Promise.allSettled(runs)).map((run) => run.status)).toEqual([
      "rejected",
      "fulfilled",
      "fulfilled",
    ]);
    expect(seen).toEqual(["a in", "a out", "b in", "b out", "c in", "c out"]);
  });

  test("does not keep different keys from each other", async () => {
    const lock = new KeyedLock();
    const first = Promise.withResolvers<void>();
    const held = lock.run("one", undefined, () => first.promise);
    expect(await lock.run("two", undefined, async () => "in")).toBe("in");
    first.resolve();
    await held;
  });

  test("lets one give up waiting, without letting the next in before its turn", async () => {
    const lock = new KeyedLock();
    const first = Promise.withResolvers<void>();
    const held = lock.run("key", undefined, () => first.promise);
    const abort = new AbortController();
    const given = lock.run("key", abort.signal, async () => "never");
    abort.abort(new Error("given up"));
    await expect(given).rejects.toThrow("given up");
    let isIn = false;
    const next = lock.run("key", undefined, async () => {
      isIn = true;
    });
    await Bun.sleep(5);
    expect(isIn).toBe(false);
    first.resolve();
    await Promise.all([held, next]);
    expect(isIn).toBe(true);
  });
});
