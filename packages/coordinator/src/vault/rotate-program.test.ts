import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStores } from "../../test/stores.ts";

test("an exchange of the master key is in the audit log, without a key", async () => {
  const folder = await mkdtemp(join(tmpdir(), "farhand-rotate-"));
  try {
    const path = join(folder, "agent.db");
    await (await openStores(path)).database.destroy();
    const child = Bun.spawn([process.execPath, join(import.meta.dir, "../rotate-master-key.ts")], {
      env: { PATH: process.env.PATH ?? "", FARHAND_DATA: folder },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "inherit",
    });
    const said = JSON.parse(await child.stdout.text());
    expect([await child.exited, said.event]).toEqual([0, "rotated"]);
    await using stores = await openStores(path);
    const entries = await stores.audit.list({ before: null, limit: 5, userId: null });
    expect(entries).toMatchObject([
      {
        action: "master_key.rotated",
        userId: null,
        address: null,
        subject: `${said.from} → ${said.to}`,
        detail: "0 sealed anew, 0 unreadable, on the server's own machine",
      },
    ]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
