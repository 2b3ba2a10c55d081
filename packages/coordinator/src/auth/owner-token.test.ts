import { afterAll, expect, test } from "bun:test";
import { chmod, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownerToken } from "./owner-token.ts";

const folder = await mkdtemp(join(tmpdir(), "farhand-owner-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

test("the owner's token is made once, readable by its owner alone, and stays the same", async () => {
  const path = join(folder, "data", "owner.token");
  const token = await ownerToken(path);
  expect(token).toMatch(/^fho_[A-Za-z0-9_-]{43}$/);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await chmod(path, 0o644);
  expect(await ownerToken(path)).toBe(token);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});
