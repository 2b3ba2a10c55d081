import { Database } from "bun:sqlite";
import { afterAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = await mkdtemp(join(tmpdir(), "farhand-cli-backup-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

async function farhand(data: string, ...argv: string[]) {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "../main.ts"), ...argv], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? "", HOME: folder, FARHAND_DATA: join(folder, data) },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { stdout, exitCode: child.exitCode };
}

const lastLine = (text: string) => JSON.parse(text.trimEnd().split("\n").at(-1) ?? "");

test("backup and restore work on the data folder and tell how it went", async () => {
  await mkdir(join(folder, "data"));
  using database = new Database(join(folder, "data/agent.db"));
  database.run("CREATE TABLE kysely_migration (name TEXT, timestamp TEXT)");
  database.run("INSERT INTO kysely_migration VALUES ('0001-first', '')");
  const saved = await farhand("data", "backup", "farhand.tar.gz");
  expect(saved.stdout).toContain(`✓ Backup  ${join(folder, "farhand.tar.gz")}, `);
  expect(saved.exitCode).toBe(0);

  const restored = await farhand("other", "restore", "farhand.tar.gz", "--json");
  expect(lastLine(restored.stdout)).toMatchObject({
    result: "restored",
    dataDirectory: join(folder, "other"),
  });
  expect(await readdir(join(folder, "other"))).toContain("agent.db");
});

test("what the backup program refuses is told with its code and action, and ends with 1", async () => {
  await Bun.write(join(folder, "taken.tar.gz"), "");
  const { stdout, exitCode } = await farhand("data", "backup", "taken.tar.gz", "--json");
  expect(lastLine(stdout)).toMatchObject({ result: "error", code: "conflict", action: expect.any(String) });
  expect(exitCode).toBe(1);
  const missing = await farhand("third", "restore", "away.tar.gz");
  expect(missing.stdout).toContain(`There is no file ${join(folder, "away.tar.gz")}.`);
  expect(missing.exitCode).toBe(1);
});
