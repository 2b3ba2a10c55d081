import { describe, expect, test } from "bun:test";
import { sql } from "kysely";
import { openStores } from "../../test/stores.ts";

const entry = (change: object = {}) => ({
  userId: "u_owner",
  action: "settings.changed",
  subject: "settings",
  address: "203.0.113.9",
  detail: "",
  ...change,
});

describe("the audit log", () => {
  test("gives entries newest first, page by page, of everybody or of one", async () => {
    await using stores = await openStores();
    for (const userId of ["u_owner", "u_other", "u_owner", null])
      await stores.audit.record(entry({ userId }));
    const ids = async (before: number | null, userId: string | null) =>
      (await stores.audit.list({ before, limit: 2, userId })).map(({ id }) => id);
    expect(await ids(null, null)).toEqual([4, 3]);
    expect(await ids(3, null)).toEqual([2, 1]);
    expect(await ids(null, "u_owner")).toEqual([3, 1]);
    expect(await ids(1, null)).toEqual([]);
    expect((await stores.audit.list({ before: 2, limit: 1, userId: null }))[0]).toEqual({
      id: 1,
      at: "2026-01-01T00:00:00.000Z",
      login: "owner",
      ...entry(),
    });
  });

  test("refuses every change of an entry, its removal, and its replacement", async () => {
    await using stores = await openStores();
    await stores.audit.record(entry());
    for (const statement of [
      "UPDATE audit SET action = 'nothing'",
      "UPDATE audit SET id = 9",
      "DELETE FROM audit",
      "INSERT OR REPLACE INTO audit VALUES (1, 'x', 'x', 'x', 'x', 'x', 'x')",
      "REPLACE INTO audit VALUES (1, 'x', 'x', 'x', 'x', 'x', 'x')",
      "INSERT INTO audit VALUES (1, 'x', 'x', 'x', 'x', 'x', 'x') ON CONFLICT (id) DO UPDATE SET action = 'x'",
    ])
      expect(sql.raw(statement).execute(stores.database)).rejects.toThrow(/can only be added to/);
    expect(await stores.audit.list({ before: null, limit: 10, userId: null })).toHaveLength(1);
  });

  test("keeps what strangers wrote short and on one line", async () => {
    await using stores = await openStores();
    await stores.audit.record(entry({ detail: `a\u001b[2J\r\nb${"x".repeat(1000)}` }));
    const [stored] = await stores.audit.list({ before: null, limit: 1, userId: null });
    expect(stored?.detail).toStartWith("a [2J b");
    expect(stored?.detail.length).toBe(501);
  });
});
