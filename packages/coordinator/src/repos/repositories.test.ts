import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { appendFile, mkdir, readdir, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Repositories } from "../domain/ports.ts";
import { mirrorPath } from "./mirror-path.ts";
import {
  at,
  BRANCH,
  type Fixture,
  failureOf,
  git,
  never,
  openFixture,
  processesNaming,
  task,
  taskId,
} from "./repositories.fixture.ts";
import { createRepositories } from "./repositories.ts";

let fixture: Fixture;
let folder: string;
let directory: string;
let source: string;
let work: string;
let repositories: Repositories;

beforeEach(async () => {
  fixture = await openFixture();
  ({ folder, directory, source, work, repositories } = fixture);
});
afterEach(() => fixture[Symbol.asyncDispose]());

describe("preparing a task's repository", () => {
  test("starts from the remote's default branch", async () => {
    const prepared = await repositories.prepare(task(1), at(source), never);
    expect(prepared).toEqual({ baseBranch: "trunk", baseCommit: await git(work, "rev-parse", "HEAD") });
    const path = repositories.taskPath(taskId(1));
    expect(await git(path, "symbolic-ref", "HEAD")).toBe("refs/heads/trunk");
    expect(await git(path, "for-each-ref", "--format=%(refname)")).toBe("refs/heads/trunk");
    await git(path, "fsck", "--strict");
  });

  test("starts from the wanted branch, over a file URL too", async () => {
    const prepared = await repositories.prepare(task(1, "dev"), at(`file://${source}`), never);
    expect(prepared.baseBranch).toBe("dev");
  });

  test("borrows the mirror's objects in place of copying them, and lets a worker clone and push", async () => {
    await repositories.prepare(task(1), at(source), never);
    const path = repositories.taskPath(taskId(1));
    expect(await git(path, "count-objects")).toBe("0 objects, 0 kilobytes");
    const clone = join(folder, "clone");
    await git(folder, "clone", "--quiet", path, clone);
    expect(await readFile(join(clone, "a.txt"), "utf8")).toBe("one\ntwo\n");
  });

  test("again gives what is there, even when the remote has gone on or gone away", async () => {
    const first = await repositories.prepare(task(1), at(source), never);
    await fixture.commit({ "a.txt": "later" });
    await git(work, "push", "--quiet", "origin", "trunk");
    expect(await repositories.prepare(task(1), at(source), never)).toEqual(first);
    await rm(source, { recursive: true });
    expect(await repositories.prepare(task(1), at(source), never)).toEqual(first);
  });

  test("brings the mirror up to date for the next task: new commits, rewritten and removed branches", async () => {
    await repositories.prepare(task(1), at(source), never);
    await git(work, "commit", "--quiet", "--amend", "-m", "rewritten");
    await git(work, "push", "--quiet", "--force", "origin", "trunk", ":dev", "trunk:refs/heads/dev/sub");
    const second = await repositories.prepare(task(2), at(source), never);
    expect(second.baseCommit).toBe(await git(work, "rev-parse", "HEAD"));
    expect((await failureOf(repositories.prepare(task(3, "dev"), at(source), never))).failure).toMatchObject({
      code: "branch_not_found",
      action: "Choose one of its branches: dev/sub, trunk.",
    });
    await git(repositories.taskPath(taskId(1)), "fsck", "--connectivity-only");
  });

  test("works for many tasks of one repository at once", async () => {
    const prepared = await Promise.all(
      [1, 2, 3, 4, 5].map((n) => repositories.prepare(task(n), at(source), never)),
    );
    expect(new Set(prepared.map((one) => one.baseCommit)).size).toBe(1);
    const same = await Promise.all([6, 6].map((n) => repositories.prepare(task(n), at(source), never)));
    expect(same[0]).toEqual(same[1]);
    expect((await readdir(join(directory, "tasks"))).length).toBe(6);
  });

  test("keeps the users' mirrors apart", async () => {
    await repositories.prepare(task(1), at(source), never);
    await repositories.prepare({ ...task(2), userId: "u2" }, at(source), never);
    expect((await readdir(join(directory, "mirrors"))).sort()).toEqual(["u1", "u2"]);
  });

  test("outlives a move of the data folder", async () => {
    const first = await repositories.prepare(task(1), at(source), never);
    await rename(directory, join(folder, "moved"));
    const moved = createRepositories({ directory: join(folder, "moved") });
    expect(await moved.tip(taskId(1), "trunk")).toBe(first.baseCommit);
    await fixture.commit({ "a.txt": "pushed into a repository whose objects are borrowed" });
    await git(work, "push", "--quiet", moved.taskPath(taskId(1)), `HEAD:refs/heads/${BRANCH}`);
  });
});

describe("what a crash left behind", () => {
  const mirror = () => join(directory, "mirrors", mirrorPath("u1", source));

  const damages: [string, (path: string) => Promise<unknown>][] = [
    ["an empty folder", async (path) => [await rm(path, { recursive: true }), await mkdir(path)]],
    ["no HEAD", (path) => rm(join(path, "HEAD"))],
    ["an empty HEAD", (path) => truncate(join(path, "HEAD"))],
    ["no objects folder", (path) => rm(join(path, "objects"), { recursive: true })],
    ["an empty config", (path) => truncate(join(path, "config"))],
    ["a config that cannot be read", (path) => writeFile(join(path, "config"), "[core\n")],
    ["a ref in which nothing stands", (path) => writeFile(join(path, "refs", "heads", "trunk"), "")],
    [
      "a ref to a lost object",
      (path) => writeFile(join(path, "refs", "heads", "trunk"), `${"1".repeat(40)}\n`),
    ],
    ["a list of refs that cannot be read", (path) => writeFile(join(path, "packed-refs"), "rubbish\n")],
    [
      "lost objects",
      async (path) => {
        await rm(join(path, "objects"), { recursive: true });
        await mkdir(join(path, "objects"));
      },
    ],
    [
      "lock files and half a pack",
      async (path) => {
        await mkdir(join(path, "objects", "pack"), { recursive: true });
        await writeFile(join(path, "objects", "pack", "tmp_pack_abc"), "PACK");
        await writeFile(join(path, "refs", "heads", "trunk.lock"), "");
        await writeFile(join(path, "packed-refs.lock"), "");
        await writeFile(join(path, "HEAD.lock"), "");
        await writeFile(join(path, "config.lock"), "");
      },
    ],
  ];

  test.each(damages)("in a mirror is mended: %s", async (_, damage) => {
    await repositories.prepare(task(1), at(source), never);
    await damage(mirror());
    const later = await fixture.commit({ "a.txt": "later" });
    await git(work, "push", "--quiet", "--force", "origin", "trunk");
    expect((await repositories.prepare(task(2), at(source), never)).baseCommit).toBe(later);
    await git(repositories.taskPath(taskId(2)), "fsck", "--connectivity-only");
    // The first task borrows from this mirror and reads on.
    expect(await repositories.tip(taskId(1), "trunk")).not.toBeNull();
    expect(await readdir(join(mirror(), "objects", "pack")).catch(() => [])).not.toContain("tmp_pack_abc");
  });

  test("of a task's repository is made anew", async () => {
    const path = repositories.taskPath(taskId(1));
    await mkdir(join(`${path}.new`, "objects"), { recursive: true });
    await mkdir(path, { recursive: true });
    await writeFile(join(path, "HEAD"), "ref: refs/heads/trunk\n");
    await repositories.prepare(task(1), at(source), never);
    await git(path, "fsck");
    expect(await readdir(join(directory, "tasks"))).toEqual([`${taskId(1)}.git`]);
  });

  test("without its mirror is whole again, with its work, once that is back", async () => {
    const { base, tip } = await fixture.prepareWithWork(1, at(source));
    await rm(join(directory, "mirrors"), { recursive: true });
    expect((await repositories.prepare(task(1), at(source), never)).baseCommit).toBe(base);
    expect(await repositories.tip(taskId(1), BRANCH)).toBe(tip);
  });
});

describe("a repository that cannot be used", () => {
  test("because it is not there", async () => {
    const { failure } = await failureOf(repositories.prepare(task(1), at(join(folder, "none.git")), never));
    expect(failure.code).toBe("repository_not_found");
    expect(failure.message).toContain("none.git");
  });

  test("because it is a folder without git", async () => {
    await mkdir(join(folder, "plain"));
    const { code } = await failureOf(repositories.prepare(task(1), at(join(folder, "plain")), never));
    expect(code).toBe("repository_not_found");
  });

  test("because it is empty", async () => {
    const empty = join(folder, "empty.git");
    await git(folder, "init", "--quiet", "--bare", empty);
    expect((await failureOf(repositories.prepare(task(1), at(empty), never))).code).toBe("repository_empty");
  });

  test("because the branch is not there", async () => {
    const { failure } = await failureOf(repositories.prepare(task(1, "nope"), at(source), never));
    expect(failure.code).toBe("branch_not_found");
    expect(failure.action).toContain("dev, trunk");
  });

  test("because nobody listens, or the name is unknown, or it speaks no TLS", async () => {
    const server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: () => new Response("<!doctype html>\n<html>\n<title>Hello</title>\n</html>\n"),
    });
    const urls = [
      "http://127.0.0.1:9/o/n",
      "http://no-such-host.invalid/o/n",
      `https://127.0.0.1:${server.port}/o/n`,
      `http://127.0.0.1:${server.port}/o/n`,
      "ssh://git@127.0.0.1:9/o/n",
    ];
    for (const [n, url] of urls.entries()) {
      expect((await failureOf(repositories.prepare(task(n), at(url), never))).code).toBe(
        "repository_unreachable",
      );
    }
    await server.stop(true);
  });

  test("because it stops answering", async () => {
    const server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      idleTimeout: 0,
      fetch: () => new Promise<Response>(() => undefined),
    });
    const { failure } = await failureOf(
      repositories.prepare(task(1), at(`http://127.0.0.1:${server.port}/o/n`), never),
    );
    expect(failure).toMatchObject({ code: "repository_unreachable", retryable: true });
    await server.stop(true);
  });

  test("because its transport would run a program", async () => {
    const marker = join(folder, "ran");
    const url = `ext::sh -c "touch ${marker}"`;
    expect((await failureOf(repositories.prepare(task(1), at(url), never))).code).toBe(
      "repository_unreachable",
    );
    expect(await readdir(folder)).not.toContain("ran");
  });

  test("because its objects are malicious", async () => {
    const blob = await git(work, "hash-object", "-w", "a.txt");
    await writeFile(
      join(folder, "tree"),
      `100644 .git\0${Buffer.from(blob, "hex").toString("latin1")}`,
      "latin1",
    );
    const tree = await git(work, "hash-object", "--literally", "-t", "tree", "-w", join(folder, "tree"));
    const bad = await git(work, "commit-tree", "-m", "bad", tree);
    await git(work, "push", "--quiet", "origin", `${bad}:refs/heads/bad`);
    const { failure } = await failureOf(repositories.prepare(task(1), at(source), never));
    expect(failure.message).toContain("damaged or malicious");
  });

  test("but may hold the slips that old tools made", async () => {
    const tree = await git(work, "rev-parse", "HEAD^{tree}");
    await writeFile(
      join(folder, "old"),
      `tree ${tree}\nauthor A <a@b> 1 +051800\ncommitter A <a@b> 1 +051800\n\nold\n`,
    );
    const old = await git(work, "hash-object", "--literally", "-t", "commit", "-w", join(folder, "old"));
    await git(work, "push", "--quiet", "origin", `${old}:refs/heads/old`);
    expect((await repositories.prepare(task(1, "old"), at(source), never)).baseCommit).toBe(old);
  });

  test("because the disk is full", async () => {
    const mounted = join(folder, "small");
    await mkdir(mounted);
    const mount = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", mounted], {
      stderr: "pipe",
    });
    if (mount.exitCode !== 0) {
      process.stderr.write(`not tried: no small disk can be mounted here: ${mount.stderr.toString()}\n`);
      return;
    }
    try {
      for (let n = 0; n < 40; n++) {
        await appendFile(join(work, "large.bin"), crypto.getRandomValues(new Uint8Array(65_536)));
      }
      await fixture.commit({ "a.txt": "large" });
      await git(work, "push", "--quiet", "origin", "trunk");
      const full = createRepositories({ directory: mounted });
      const first = await failureOf(full.prepare(task(1), at(source), never));
      expect(first.failure).toMatchObject({ code: "disk_full", retryable: true });
      await writeFile(join(mounted, "filler"), new Uint8Array(1024 * 1024)).catch(() => undefined);
      expect((await failureOf(full.prepare(task(2), at(`${source}/`), never))).code).toBe("disk_full");
    } finally {
      Bun.spawnSync(["umount", mounted]);
    }
  });
});

describe("an aborted preparation", () => {
  test("ends git, and the next one succeeds", async () => {
    const asked = Promise.withResolvers<void>();
    const server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      idleTimeout: 0,
      fetch: () => {
        asked.resolve();
        return new Promise<Response>(() => undefined);
      },
    });
    const patient = createRepositories({ directory });
    const url = `http://127.0.0.1:${server.port}/o/n`;
    const abort = new AbortController();
    const preparing = patient.prepare(task(1), at(url), abort.signal);
    await asked.promise;
    const waiting = patient.prepare(task(2), at(url), abort.signal);
    abort.abort(new Error("the task was cancelled"));
    const ends = await Promise.allSettled([preparing, waiting]);
    for (const end of ends) {
      expect(end).toMatchObject({ status: "rejected", reason: { message: "the task was cancelled" } });
    }
    expect(await processesNaming(url)).toEqual([]);
    await server.stop(true);
    expect((await patient.prepare(task(1), at(source), never)).baseBranch).toBe("trunk");
  });
});
