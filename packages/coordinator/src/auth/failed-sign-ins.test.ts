import { describe, expect, test } from "bun:test";
import { openStores } from "../../test/stores.ts";
import { createFailedSignIns } from "./failed-sign-ins.ts";

async function openFailed() {
  const stores = await openStores();
  const failed = createFailedSignIns(stores);
  const entries = async () =>
    (await stores.audit.list({ before: null, limit: 500, userId: null }))
      .reverse()
      .map(({ action, address, subject, detail }) => [action, address, subject, detail]);
  return { ...stores, failed, entries };
}

describe("refused sign-ins", () => {
  test("of one address are one entry a minute: the first at once, then how many followed", async () => {
    const { failed, entries, time } = await openFailed();
    for (let number = 0; number < 500; number += 1) await failed.note("access token", "203.0.113.9");
    await failed.note("setup link", "203.0.113.9");
    expect(await entries()).toEqual([["sign_in.failed", "203.0.113.9", "access token", "1 refused"]]);
    time.ms += 61_000;
    await failed.note("access token", "203.0.113.9");
    const counted = ["sign_in.failed", "203.0.113.9", "access token, setup link", "500 refused"];
    expect((await entries()).slice(1)).toEqual([counted]);
    await failed.flush();
    expect(await entries()).toHaveLength(2);
    time.ms += 61_000;
    await failed.flush();
    expect((await entries())[2]?.[3]).toBe("1 refused");
    // After a quiet minute the next one is the first again.
    time.ms += 61_000;
    await failed.flush();
    await failed.note("access token", "203.0.113.9");
    expect(await entries()).toHaveLength(4);
  });

  test("of very many addresses share one entry, and a network of IPv6 counts as one", async () => {
    const { failed, entries, time } = await openFailed();
    for (let number = 0; number < 1000; number += 1)
      await failed.note("access token", `10.0.${number >> 8}.${number & 255}`);
    expect((await entries()).length).toBeLessThanOrEqual(101);
    time.ms += 61_000;
    await failed.flush();
    expect((await entries()).at(-1)).toEqual([
      "sign_in.failed",
      null,
      "access token",
      "899 refused, from many addresses",
    ]);
    time.ms += 130_000;
    await failed.flush();
    await failed.flush();
    const before = (await entries()).length;
    for (let number = 1; number < 50; number += 1) await failed.note("access token", `2001:db8::${number}`);
    expect((await entries()).length).toBe(before + 1);
  });

  test("are all told of when the server stops", async () => {
    const { failed, entries } = await openFailed();
    for (let number = 0; number < 3; number += 1) await failed.note("access token", null);
    await failed.flush(true);
    expect((await entries()).map(([, , , detail]) => detail)).toEqual(["1 refused", "2 refused"]);
  });
});
