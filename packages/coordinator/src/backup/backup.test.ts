import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BackupFolder, git, MIRROR, TOKEN, taskId, taskPath, tools } from "../../test/backup-folder.ts";
import { lockDataFolder } from "../database/lock.ts";
import { openDatabase } from "../database/open.ts";
import { createUserStore } from "../database/users.ts";
import { FarhandError } from "../domain/failure.ts";
import { isMemberPath, type Manifest } from "./manifest.ts";
import { restore } from "./restore.ts";
import { save } from "./save.ts";

const { signal } = new AbortController();
const report = () => {};

const saveIn = (world: BackupFolder, changed = tools) =>
  save(changed, { dataDirectory: world.data, file: world.archive, report, signal });

async function restoreIn(world: BackupFolder, changed = tools) {
  const target = await mkdtemp(join(world.folder, "restored-"));
  await restore(changed, { dataDirectory: target, file: world.archive, report, signal });
  return target;
}

/** The sentence of a refusal, after which the folder must be as empty as before. */
async function refusal(world: BackupFolder, changed = tools): Promise<string> {
  const target = await mkdtemp(join(world.folder, "refused-"));
  const options = { dataDirectory: target, file: world.archive, report, signal };
  const error = await restore(changed, options).catch((thrown: unknown) => thrown);
  if (!(error instanceof FarhandError)) throw error;
  expect(await readdir(target)).toEqual([]);
  return error.message;
}

/** Unpacks the archive, lets the test change what is in it, and packs it again. */
async function remake(world: BackupFolder, change: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(world.folder, "remade-"));
  await run(["tar", "-xzf", world.archive, "-C", folder]);
  await change(folder);
  const find = ["sh", "-c", `cd ${folder} && find * ! -type d ! -name manifest.json`];
  const names = (await run(find)).trim().split("\n");
  await run(["tar", "-czf", world.archive, "-C", folder, "manifest.json", ...names]);
}

async function run(argv: string[]): Promise<string> {
  const child = Bun.spawn(argv, { stdout: "pipe", stderr: "pipe" });
  const [out] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  expect(child.exitCode).toBe(0);
  return out;
}

const refsOf = (repository: string) => git(repository, "for-each-ref", "--format=%(objectname) %(refname)");

test("what is saved comes back: rows, refs, files and logs, in repositories that still borrow", async () => {
  await using world = await BackupFolder.make();
  const saved = await saveIn(world);
  expect(saved).toMatchObject({ repositories: 4, warnings: [] });
  const target = await restoreIn(world);

  expect((await readdir(target)).sort()).toEqual(["agent.db", "artifacts", "logs", "repos"]);
  for (const name of ["logs/coordinator.log", `logs/${taskId(1)}.jsonl`, "artifacts/t 1/Bild ä'.png"])
    expect(await readFile(join(target, name), "utf8")).toBe(await readFile(join(world.data, name), "utf8"));
  using database = new Database(join(target, "agent.db"), { readonly: true });
  expect(database.query("SELECT count(*) AS n FROM tasks").get()).toEqual({ n: 3 });

  for (const path of [MIRROR, taskPath(1), taskPath(2), taskPath(3)]) {
    const [before, after] = [join(world.data, "repos", path), join(target, "repos", path)];
    expect(await refsOf(after)).toBe(await refsOf(before));
    expect(await git(after, "symbolic-ref", "HEAD")).toBe("refs/heads/main");
    await git(after, "fsck", "--full", "--strict");
  }
  const first = join(target, "repos", taskPath(1));
  expect(await git(first, "show", "refs/farhand/live:live.txt")).toBe("live");
  expect(await readFile(join(first, "objects/info/alternates"), "utf8")).toBe(
    "../../../mirrors/u_owner/git.example/octo/shop.git/objects\n",
  );
  // A row points to it, and no ref does.
  expect(await git(first, "show", `${world.commits.dropped}:dropped.txt`)).toBe("dropped");
  expect(await git(join(target, "repos", taskPath(2)), "show", "HEAD:old.txt")).toBe("old");
});

test("a task's bundle leaves out what its mirror's has, and nothing that the mirror has lost", async () => {
  await using world = await BackupFolder.make();
  await saveIn(world);
  const manifest: Manifest = JSON.parse(await run(["tar", "-xzOf", world.archive, "manifest.json"]));
  const { base } = world.commits;
  expect(manifest.repositories.map((it) => [it.path, it.base, it.bundle === null])).toEqual([
    [MIRROR, null, false],
    [taskPath(1), base, false],
    [taskPath(2), null, false],
    [taskPath(3), base, true],
  ]);
});

test("no secret and no instance name is in an archive, and a new machine's token is taken", async () => {
  await using world = await BackupFolder.make();
  await saveIn(world);
  const names = (await run(["tar", "-tzf", world.archive])).trim().split("\n");
  expect(names[0]).toBe("manifest.json");
  expect(names.filter((name) => /token|instance|key|lock/.test(name))).toEqual([]);
  expect(await run(["sh", "-c", `gzip -dc ${world.archive} | grep -ac ${TOKEN} || true`])).toBe("0\n");

  const database = await openDatabase(join(await restoreIn(world), "agent.db"));
  const users = createUserStore(database, { now: () => new Date() });
  await users.setOwner({ id: "u_owner", login: "owner", token: "fho_new" });
  expect(await users.byToken("fho_new")).toMatchObject({ login: "owner" });
  await database.destroy();
});

test("a backup that is taken while somebody writes is of one moment", async () => {
  await using world = await BackupFolder.make();
  // A writer of its own, since a copy holds up the process that makes it.
  const path = join(world.data, "agent.db");
  const script = `
    import { Database } from "bun:sqlite";
    const database = new Database(${JSON.stringify(path)});
    database.run("PRAGMA busy_timeout = 20000");
    const pair = database.transaction((n) => {
      for (const key of ["a", "b"])
        database.run("INSERT INTO settings VALUES ('u_owner', ?, '')", [key + n]);
    });
    pair(0);
    console.log("writes");
    for (let n = 1; ; n += 1) pair(n);`;
  const writer = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" });
  try {
    await writer.stdout.getReader().read();
    await saveIn(world);
  } finally {
    writer.kill("SIGKILL");
    await writer.exited;
  }
  using database = new Database(join(await restoreIn(world), "agent.db"), { readonly: true });
  const count = (key: string) =>
    database
      .query<{ n: number }, [string]>("SELECT count(*) AS n FROM settings WHERE key LIKE ?")
      .get(`${key}%`)?.n;
  expect(count("a")).toBeGreaterThan(0);
  expect(count("a")).toBe(count("b"));
});

test("what a coordinator that was killed had committed is in the backup, though only its log holds it", async () => {
  await using world = await BackupFolder.make();
  const path = join(world.data, "agent.db");
  const script = `
    import { Database } from "bun:sqlite";
    const database = new Database(${JSON.stringify(path)});
    database.run("INSERT INTO settings VALUES ('u_owner', 'late', 'yes')");
    process.kill(process.pid, "SIGKILL");`;
  await Bun.spawn([process.execPath, "-e", script]).exited;
  expect(Bun.file(`${path}-wal`).size).toBeGreaterThan(0);
  await rm(`${path}-shm`, { force: true });
  await saveIn(world);
  using database = new Database(join(await restoreIn(world), "agent.db"), { readonly: true });
  expect(database.query("SELECT value FROM settings WHERE key = 'late'").get()).toEqual({ value: "yes" });
});

test("refs that move or go while they are bundled are saved as they then are", async () => {
  await using world = await BackupFolder.make();
  const first = join(world.data, "repos", taskPath(1));
  const { live, work } = world.commits;
  const meanwhile = [
    ["update-ref", "refs/farhand/live", work],
    ["update-ref", "-d", "refs/farhand/turns/1"],
  ];
  const busy: typeof tools = {
    ...tools,
    git: async (command) => {
      const next =
        command.args[0] === "bundle" && command.repository === first ? meanwhile.shift() : undefined;
      if (next) await git(first, ...next);
      return tools.git(command);
    },
  };
  expect(await saveIn(world, busy)).toMatchObject({ warnings: [], repositories: 4 });
  expect(meanwhile).toEqual([["update-ref", "-d", "refs/farhand/turns/1"]]);
  await rm(world.archive);
  await git(first, "update-ref", "refs/farhand/live", live);
  expect(await saveIn(world, busy)).toMatchObject({ warnings: [], repositories: 4 });
  expect(meanwhile).toEqual([]);
  const restored = join(await restoreIn(world), "repos", taskPath(1));
  expect(await refsOf(restored)).toBe(await refsOf(first));
  expect(await git(restored, "rev-parse", "refs/farhand/live")).toBe(live);
});

test("an archive that is cut off anywhere, or of which a byte is wrong, is refused", async () => {
  await using world = await BackupFolder.make();
  await saveIn(world);
  const whole = await readFile(world.archive);
  for (const part of [
    0,
    1,
    100,
    whole.length >> 2,
    whole.length >> 1,
    whole.length - 4000,
    whole.length - 1,
  ]) {
    await writeFile(world.archive, whole.subarray(0, part));
    expect(await refusal(world)).toContain("cannot be restored: it is no archive of");
  }
  const wrong = Buffer.from(whole);
  wrong.writeUInt8(wrong.readUInt8(whole.length >> 1) ^ 0xff, whole.length >> 1);
  await writeFile(world.archive, wrong);
  expect(await refusal(world)).toContain("cannot be restored");
  await writeFile(world.archive, "not an archive at all");
  expect(await refusal(world)).toContain("cannot be restored");
});

test("an archive whose members are not what its list says is refused", async () => {
  await using world = await BackupFolder.make();
  const changes: [change: (folder: string) => Promise<void>, sentence: string][] = [
    [
      (folder) => appendFile(join(folder, "logs/coordinator.log"), "x"),
      "coordinator.log in it is not as it was",
    ],
    [(folder) => rm(join(folder, "agent.db")), "agent.db is missing in it"],
    [(folder) => writeFile(join(folder, "logs/more.log"), ""), "holds something that no backup holds"],
    [(folder) => writeFile(join(folder, "owner.token"), "mine"), "holds something that no backup holds"],
    [(folder) => symlink("/etc/passwd", join(folder, "logs/passwd")), "holds something that no backup holds"],
    [(folder) => writeFile(join(folder, "manifest.json"), "{}"), "was not made by `farhand backup`"],
    [(folder) => writeFile(join(folder, "manifest.json"), "{"), "its list of contents cannot be read"],
  ];
  for (const [change, sentence] of changes) {
    await rm(world.archive, { force: true });
    await saveIn(world);
    await remake(world, change);
    expect(await refusal(world)).toContain(sentence);
  }
});

test("an archive of something else is refused by its first member", async () => {
  await using world = await BackupFolder.make();
  await run(["tar", "-czf", world.archive, "-C", world.data, "logs", "agent.db"]);
  expect(await refusal(world)).toContain("was not made by `farhand backup`");
});

test.each([
  "../agent.db",
  "/etc/passwd",
  "repos/../../x",
  "repos//x",
  "logs/./x",
  "logs",
  "owner.token",
  "instance",
  "run/g.sock",
  "logs/a\nb",
])("%j is no place for a member", (path) => {
  expect(isMemberPath(path)).toBe(false);
});

test("a schema that this program does not know is refused", async () => {
  await using world = await BackupFolder.make();
  await saveIn(world);
  const older = { ...tools, knownMigrations: tools.knownMigrations.slice(0, -1) };
  expect(await refusal(world, older)).toContain("was written by a newer Farhand (0.0.0)");
});

test("a schema older than the program's comes back and is brought up by the next start", async () => {
  await using world = await BackupFolder.make();
  const newer = { ...tools, knownMigrations: [...tools.knownMigrations, "9999-later"] };
  await saveIn(world);
  const target = await restoreIn(world, newer);
  await (await openDatabase(join(target, "agent.db"))).destroy();
});

test("only an empty folder is restored into; the lock in it is no data", async () => {
  await using world = await BackupFolder.make();
  await saveIn(world);
  const options = { file: world.archive, report, signal };
  const before = await readdir(world.data);
  const error = await restore(tools, { ...options, dataDirectory: world.data }).catch(
    (thrown: Error) => thrown,
  );
  expect(error).toMatchObject({ code: "conflict", message: expect.stringContaining("is not empty") });
  expect(await readdir(world.data)).toEqual(before);

  const target = join(world.folder, "locked");
  await mkdir(target);
  using _lock = lockDataFolder(join(target, "coordinator.lock"), target);
  await restore(tools, { ...options, dataDirectory: target });
  expect(await readdir(target)).toContain("agent.db");
});

test("an existing file is not replaced, and a backup that fails leaves nothing behind", async () => {
  await using world = await BackupFolder.make();
  await writeFile(world.archive, "precious");
  await expect(saveIn(world)).rejects.toMatchObject({ code: "conflict" });
  expect(await readFile(world.archive, "utf8")).toBe("precious");
  await rm(world.archive);

  const before = await readdir(world.folder);
  const stop = new AbortController();
  const stopped = save(tools, {
    dataDirectory: world.data,
    file: world.archive,
    report: ({ step }) => step === "archive" && stop.abort(new Error("stopped")),
    signal: stop.signal,
  });
  await expect(stopped).rejects.toThrow("stopped");
  expect(await readdir(world.folder)).toEqual(before);
});

test("a damaged database is not saved; a damaged repository is left out and told of", async () => {
  await using world = await BackupFolder.make();
  await rm(join(world.data, "repos", taskPath(1), "objects"), { recursive: true });
  await mkdir(join(world.data, "repos", taskPath(1), "objects"));
  const { warnings, repositories } = await saveIn(world);
  expect(warnings).toEqual([expect.stringContaining(`${taskPath(1)} cannot be read and is left out`)]);
  expect(repositories).toBe(3);
  await restoreIn(world);

  await rm(world.archive);
  // With its log gone too, from which it would come back.
  for (const end of ["", "-wal", "-shm"]) await rm(join(world.data, `agent.db${end}`), { force: true });
  await writeFile(join(world.data, "agent.db"), "x".repeat(10_000));
  await expect(saveIn(world)).rejects.toMatchObject({
    message: expect.stringContaining("database cannot be read"),
  });
  expect(await readdir(world.folder)).not.toContain("farhand.tar.gz");
});

test("the program saves and restores, one JSON object a line, and tells a failure", async () => {
  await using world = await BackupFolder.make();
  const target = join(world.folder, "new", "data");
  const program = async (dataDirectory: string, ...argv: string[]) => {
    const child = Bun.spawn([process.execPath, join(import.meta.dir, "../backup.ts"), ...argv], {
      env: { PATH: process.env.PATH ?? "", HOME: world.folder, FARHAND_DATA: dataDirectory },
      stdout: "pipe",
    });
    const lines = (await child.stdout.text()).trim().split("\n");
    return { exitCode: await child.exited, last: JSON.parse(lines.at(-1) ?? "") };
  };
  expect(await program(world.data, "save", world.archive)).toMatchObject({
    exitCode: 0,
    last: { event: "saved" },
  });
  const failed = await program(target, "restore", `${world.archive}.away`);
  expect(failed).toMatchObject({ exitCode: 1, last: { event: "failed", code: "not_found" } });
  expect(await readdir(world.folder)).not.toContain("new");
  expect(await program(target, "restore", world.archive)).toMatchObject({
    exitCode: 0,
    last: { event: "restored", repositories: 4 },
  });
  expect(await program(target, "restore", world.archive)).toMatchObject({ last: { code: "conflict" } });
  using lock = lockDataFolder(join(target, "coordinator.lock"), target);
  expect(lock).toBeDefined();
  expect(await program(target, "restore", world.archive)).toMatchObject({
    last: { code: "conflict", message: expect.stringContaining("Another coordinator uses") },
  });
});
