/** What every device's store has to do, looped over all of them. */
import { afterEach, describe, expect, test } from "bun:test";
import type { LocalStore } from "../src/local/local-store.ts";

/** @param open a store over what `name` holds already, so that it can be opened again; null where nothing outlasts it. */
export function describeStore(
  kind: string,
  { open, persists }: { open: (name: string) => LocalStore; persists: boolean },
): void {
  const opened: LocalStore[] = [];
  let names = 0;
  const openAt = (name: string) => {
    const store = open(name);
    opened.push(store);
    return store;
  };
  const fresh = () => openAt(`store-${++names}`);
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
  });

  const put = (store: LocalStore, values: Record<string, unknown>) =>
    store.transaction("write", async (tx) => {
      for (const [key, value] of Object.entries(values)) await tx.put(key, value);
    });
  const get = (store: LocalStore, key: string) => store.transaction("read", (tx) => tx.get(key));
  const keys = (
    store: LocalStore,
    query: Parameters<Parameters<Parameters<LocalStore["transaction"]>[1]>[0]["list"]>[0],
  ) => store.transaction("read", async (tx) => (await tx.list(query)).map(({ key }) => key));

  describe(`the ${kind} store`, () => {
    test("gives back what was put, as a copy", async () => {
      const store = fresh();
      const value = { text: "é🦊\u0000", list: [1, null, { deep: true }] };
      await put(store, { "a/1": value });
      value.text = "changed";
      expect(await get(store, "a/1")).toEqual({ text: "é🦊\u0000", list: [1, null, { deep: true }] });
      expect(await get(store, "a/2")).toBeUndefined();
      await put(store, { "a/1": "other" });
      expect(await get(store, "a/1")).toBe("other");
      await put(store, { "a/1": null });
      expect(await get(store, "a/1")).toBeNull();
    });

    test("gives back bytes, as a copy and beside JSON, also large ones", async () => {
      const store = fresh();
      const bytes = Uint8Array.from({ length: 1_000_003 }, (_, index) => (index * 7) & 255);
      const small = new Uint8Array([0, 255, 128]);
      await put(store, {
        "a/1": bytes,
        "a/2": { text: "b64:AAAA" },
        "a/3": small.subarray(1),
        "a/4": new Uint8Array(),
      });
      small[1] = 7;
      const found = await get(store, "a/1");
      expect(found instanceof Uint8Array && Buffer.from(found).equals(Buffer.from(bytes))).toBe(true);
      expect(await get(store, "a/2")).toEqual({ text: "b64:AAAA" });
      expect([...((await get(store, "a/3")) as Uint8Array)]).toEqual([255, 128]);
      expect((await get(store, "a/4")) as Uint8Array).toHaveLength(0);
      const list = await store.transaction("read", (tx) => tx.list({ prefix: "a/3" }));
      expect(list.map(({ value }) => [...(value as Uint8Array)])).toEqual([[255, 128]]);
    });

    test("deletes one key, or all below a prefix and no other", async () => {
      const store = fresh();
      await put(store, { "a/1": 1, "a/2": 2, a0: 3, "b/1": 4, "a/~": 5 });
      await store.transaction("write", (tx) => tx.delete("a/2"));
      expect(await keys(store, { prefix: "" })).toEqual(["a/1", "a/~", "a0", "b/1"]);
      await store.transaction("write", (tx) => tx.deletePrefix("a/"));
      expect(await keys(store, { prefix: "" })).toEqual(["a0", "b/1"]);
    });

    test("lists by prefix in the order of characters, from a key on, so many, and backwards", async () => {
      const store = fresh();
      const all = ["e/A", "e/Z", "e/_", "e/a", "e/a/1", "e/a1", "e/b", "e/{"];
      await put(store, Object.fromEntries([...all, "d/9", "f/1"].reverse().map((key) => [key, key])));
      expect(await keys(store, { prefix: "e/" })).toEqual(all);
      expect(await keys(store, { prefix: "e/", after: "e/_" })).toEqual(all.slice(3));
      expect(await keys(store, { prefix: "e/", after: "d/9" })).toEqual(all);
      expect(await keys(store, { prefix: "e/", after: "f" })).toEqual([]);
      expect(await keys(store, { prefix: "e/", after: "e/Z", limit: 2 })).toEqual(["e/_", "e/a"]);
      expect(await keys(store, { prefix: "e/", limit: 0 })).toEqual([]);
      expect(await keys(store, { prefix: "e/", isReversed: true, limit: 3 })).toEqual(["e/{", "e/b", "e/a1"]);
      expect(await keys(store, { prefix: "e/", after: "e/b", isReversed: true })).toEqual(["e/{"]);
      expect(await keys(store, { prefix: "x" })).toEqual([]);
    });

    test("keeps all of a transaction or nothing", async () => {
      const store = fresh();
      await put(store, { a: 1, b: 1 });
      const failing = store.transaction("write", async (tx) => {
        await tx.put("a", 2);
        await tx.delete("b");
        expect(await tx.get("a")).toBe(2);
        expect(await tx.get("b")).toBeUndefined();
        throw new Error("on purpose");
      });
      expect(failing).rejects.toThrow("on purpose");
      await failing.catch(() => undefined);
      expect([await get(store, "a"), await get(store, "b")]).toEqual([1, 1]);
    });

    test("lets writers in one after the other: none loses what another wrote", async () => {
      const store = fresh();
      await put(store, { count: 0 });
      const add = () =>
        store.transaction("write", async (tx) => {
          await tx.put("count", Number(await tx.get("count")) + 1);
        });
      await Promise.all(Array.from({ length: 20 }, add));
      expect(await get(store, "count")).toBe(20);
    });

    test("goes on after a transaction that failed", async () => {
      const store = fresh();
      const failing = store.transaction("write", async () => {
        throw new Error("on purpose");
      });
      await failing.catch(() => undefined);
      await put(store, { a: 1 });
      expect(await get(store, "a")).toBe(1);
    });

    test("refuses to write in a read transaction, what is no JSON, and keys that engines order differently", async () => {
      const store = fresh();
      const fails = async (work: Promise<unknown>) => {
        const outcome = await work.then(
          () => "kept",
          () => "refused",
        );
        expect(outcome).toBe("refused");
      };
      await fails(store.transaction("read", (tx) => tx.put("a", 1)));
      await fails(store.transaction("read", (tx) => tx.delete("a")));
      await fails(store.transaction("read", (tx) => tx.deletePrefix("a")));
      await fails(put(store, { a: undefined }));
      await fails(put(store, { é: 1 }));
      await fails(put(store, { "": 1 }));
      expect(await keys(store, { prefix: "" })).toEqual([]);
    });

    test("holds the log of a long task", async () => {
      const store = fresh();
      const key = (seq: number) => `event/t/${String(seq).padStart(10, "0")}`;
      const events = Array.from({ length: 3000 }, (_, index) => ({
        key: key(index + 1),
        value: { seq: index + 1 },
      }));
      await store.transaction("write", async (tx) => {
        await tx.putAll([]);
        await tx.putAll(events);
        // What is there already is written over.
        await tx.putAll(events.slice(-500));
      });
      const found = await store.transaction("read", (tx) => tx.list({ prefix: "event/t/" }));
      expect(found.map(({ value }) => (value as { seq: number }).seq)).toEqual(
        Array.from({ length: 3000 }, (_, index) => index + 1),
      );
      expect(await keys(store, { prefix: "event/t/", isReversed: true, limit: 1 })).toEqual([key(3000)]);
    });

    test("refuses to be used once it is closed, and may be closed twice", async () => {
      const store = fresh();
      await put(store, { a: 1 });
      await store.close();
      await store.close();
      expect(await get(store, "a").catch(String)).toBe("Error: the store is closed");
    });

    if (!persists) return;
    test("has everything when it is opened again", async () => {
      const name = `store-${++names}`;
      const store = openAt(name);
      await put(store, { a: { b: 1 }, bytes: new Uint8Array([1, 2]) });
      await store.close();
      const again = openAt(name);
      expect(await get(again, "a")).toEqual({ b: 1 });
      expect([...((await get(again, "bytes")) as Uint8Array)]).toEqual([1, 2]);
    });

    test("is seen whole from a second one that is open at the same time", async () => {
      const name = `store-${++names}`;
      const [one, other] = [openAt(name), openAt(name)];
      await put(one, { a: 1 });
      await put(other, { b: 2 });
      expect([await get(one, "b"), await get(other, "a")]).toEqual([2, 1]);
    });
  });
}
