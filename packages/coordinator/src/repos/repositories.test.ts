import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGitHubSimulator } from "@farhand/simulators/github";
import { FarhandError } from "../domain/failure.ts";
import type { Remote, Repositories } from "../domain/ports.ts";
import { mirrorPath } from "./mirror-path.ts";
import { createRepositories } from "./repositories.ts";

const BRANCH = "farhand/mend";
const never = new AbortController().signal;
const taskId = (n: number) => `t_${String(n).padStart(26, "0")}`;
const task = (n: number, baseBranch: string | null = null) => ({
  id: taskId(n),
  userId: "u1",
  branch: BRANCH,
  baseBranch,
});
const at = (url: string): Remote => ({ url, credential: null });

const env = {
  PATH: process.env.PATH ?? "",
  HOME: "/nonexistent",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "A",
  GIT_AUTHOR_EMAIL: "a@example.org",
  GIT_COMMITTER_NAME: "A",
  GIT_COMMITTER_EMAIL: "a@example.org",
};

async function git(cwd: string, ...args: string[]): Promise<string> {
  const child = Bun.spawn(["git", ...args], { cwd, env, stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
  return stdout.trim();
}

let folder: string;
let directory: string;
let source: string;
let work: string;
let repositories: Repositories;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "repos-"));
  directory = join(folder, "data");
  source = join(folder, "source.git");
  work = join(folder, "work");
  await git(folder, "init", "--quiet", "--bare", "--initial-branch=trunk", source);
  await git(folder, "init", "--quiet", "--initial-branch=trunk", work);
  await git(work, "remote", "add", "origin", source);
  await commit({ "a.txt": "one\ntwo\n", "b.bin": "\0\u0001" });
  await git(work, "push", "--quiet", "origin", "trunk", "trunk:refs/heads/dev");
  repositories = createRepositories({ directory, stallSeconds: 1 });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function commit(files: Record<string, string>): Promise<string> {
  for (const [path, content] of Object.entries(files)) await writeFile(join(work, path), content);
  await git(work, "add", ".");
  await git(work, "commit", "--quiet", "-m", "change");
  return await git(work, "rev-parse", "HEAD");
}

async function failureOf(promise: Promise<unknown>): Promise<FarhandError> {
  const error = await promise.then(
    () => new Error("it did not fail"),
    (reason: unknown) => reason,
  );
  if (error instanceof FarhandError) return error;
  throw error;
}

/** Prepares a task and gives its repository a branch, as a worker's push does. */
async function prepareWithWork(n: number, remote: Remote): Promise<{ base: string; tip: string }> {
  const { baseCommit } = await repositories.prepare(task(n), remote, never);
  const tip = await commit({ "a.txt": "one\n2\nthree\n", "c.txt": "new\n" });
  await git(work, "push", "--quiet", repositories.taskPath(taskId(n)), `HEAD:refs/heads/${BRANCH}`);
  return { base: baseCommit, tip };
}

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
    await commit({ "a.txt": "later" });
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
    await commit({ "a.txt": "pushed into a repository whose objects are borrowed" });
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
    const later = await commit({ "a.txt": "later" });
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
    const { base, tip } = await prepareWithWork(1, at(source));
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
      await commit({ "a.txt": "large" });
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

async function processesNaming(text: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (commandLine.includes(text)) found.push(commandLine.replaceAll("\0", " "));
  }
  return found;
}

describe("reading a task's repository", () => {
  test("tells the tip of a branch, or that there is none", async () => {
    const { tip } = await prepareWithWork(1, at(source));
    expect(await repositories.tip(taskId(1), BRANCH)).toBe(tip);
    expect(await repositories.tip(taskId(1), "farhand/other")).toBeNull();
    await expect(repositories.tip(taskId(1), "--help")).rejects.toThrow();
  });

  test("counts changed files and lines, binary files as files", async () => {
    const { base } = await prepareWithWork(1, at(source));
    await git(work, "mv", "c.txt", "moved name.txt");
    const tip = await commit({ "b.bin": "\0\u0002", "q\tuoted.txt": "x\n" });
    await git(work, "push", "--quiet", repositories.taskPath(taskId(1)), `HEAD:refs/heads/${BRANCH}`);
    expect(await repositories.stats(taskId(1), base, tip)).toEqual({
      filesChanged: 4,
      insertions: 4,
      deletions: 1,
    });
    const before = await git(work, "rev-parse", "HEAD^");
    expect(await repositories.stats(taskId(1), before, tip)).toMatchObject({ filesChanged: 3 });
    expect(await repositories.stats(taskId(1), base, base)).toEqual({
      filesChanged: 0,
      insertions: 0,
      deletions: 0,
    });
  });

  test("gives the diff, cut off between characters where it is too long", async () => {
    const { base, tip } = await prepareWithWork(1, at(source));
    const whole = await repositories.diff(taskId(1), base, tip, 100_000);
    expect(whole.truncated).toBe(false);
    expect(whole.text).toContain("-two\n+2\n+three\n");
    const cut = await repositories.diff(taskId(1), base, tip, 50);
    expect(cut).toEqual({ text: whole.text.slice(0, 50), truncated: true });
    const exact = await repositories.diff(taskId(1), base, tip, Buffer.byteLength(whole.text));
    expect(exact.truncated).toBe(false);

    const wide = await commit({ "a.txt": "漢".repeat(100_000) });
    await git(work, "push", "--quiet", repositories.taskPath(taskId(1)), `HEAD:refs/heads/${BRANCH}`);
    for (const maxBytes of [5000, 5001, 5002]) {
      const { text } = await repositories.diff(taskId(1), tip, wide, maxBytes);
      expect(text).not.toContain("\ufffd");
      expect(Buffer.byteLength(text)).toBeGreaterThan(maxBytes - 3);
    }
  });

  test("runs no program that the repository's attributes or the user's configuration name", async () => {
    const { tip } = await prepareWithWork(1, at(source));
    const marker = join(folder, "ran");
    const evil = await commit({ ".gitattributes": "*.txt diff=evil filter=evil\n", "a.txt": "evil\n" });
    const path = repositories.taskPath(taskId(1));
    await git(work, "push", "--quiet", path, `HEAD:refs/heads/${BRANCH}`);
    for (const key of ["diff.evil.command", "diff.evil.textconv", "diff.external", "core.fsmonitor"]) {
      await git(path, "config", key, `touch ${marker};`);
    }
    await repositories.diff(taskId(1), tip, evil, 10_000);
    await repositories.stats(taskId(1), tip, evil);
    expect(await readdir(folder)).not.toContain("ran");
  });

  test("takes commit ids alone", async () => {
    const { tip } = await prepareWithWork(1, at(source));
    await expect(repositories.diff(taskId(1), `--output=${folder}/x`, tip, 100)).rejects.toThrow();
    await expect(repositories.stats(taskId(1), "HEAD", tip)).rejects.toThrow();
    expect(() => repositories.taskPath("../x")).toThrow();
  });

  test("ends with its removal, which can be asked for twice", async () => {
    await prepareWithWork(1, at(source));
    await repositories.remove(taskId(1));
    await repositories.remove(taskId(1));
    expect(await readdir(join(directory, "tasks"))).toEqual([]);
  });
});

describe("publishing", () => {
  test("pushes the branch and nothing else, and does so once", async () => {
    const { tip } = await prepareWithWork(1, at(source));
    await repositories.publish(taskId(1), BRANCH, at(source));
    await repositories.publish(taskId(1), BRANCH, at(source));
    expect(await git(source, "rev-parse", `refs/heads/${BRANCH}`)).toBe(tip);
    expect(await git(source, "for-each-ref", "--format=%(refname)")).toBe(
      `refs/heads/dev\nrefs/heads/${BRANCH}\nrefs/heads/trunk`,
    );
  });

  test("never overwrites a branch that holds other commits", async () => {
    const { tip } = await prepareWithWork(1, at(source));
    await git(work, "checkout", "--quiet", "--detach", "HEAD^");
    const other = await commit({ "z.txt": "other" });
    await git(work, "push", "--quiet", "origin", `HEAD:refs/heads/${BRANCH}`);
    expect(tip).not.toBe(other);
    expect((await failureOf(repositories.publish(taskId(1), BRANCH, at(source)))).code).toBe("branch_exists");
    expect(await git(source, "rev-parse", `refs/heads/${BRANCH}`)).toBe(other);
  });

  test("tells the remote's own sentence when it refuses", async () => {
    await prepareWithWork(1, at(source));
    const hook = '#!/bin/sh\necho "Commits must mention a ticket." >&2\nexit 1\n';
    await writeFile(join(source, "hooks", "pre-receive"), hook, { mode: 0o755 });
    const { failure } = await failureOf(repositories.publish(taskId(1), BRANCH, at(source)));
    expect(failure.code).toBe("push_refused");
    expect(failure.message).toContain("Commits must mention a ticket.");
  });

  test("of a branch that the agent never pushed is refused", async () => {
    await repositories.prepare(task(1), at(source), never);
    expect((await failureOf(repositories.publish(taskId(1), BRANCH, at(source)))).code).toBe(
      "branch_not_found",
    );
  });
});

describe("a remote that asks for a credential", () => {
  const token = "ghp-canary-0123456789";
  const having = (url: string, password = token): Remote => ({
    url,
    credential: { username: "x-access-token", password },
  });

  test("is fetched and pushed to with one, which stands in no file and no argument", async () => {
    await using github = await startGitHubSimulator({
      tokens: { [token]: "mara" },
      root: join(folder, "github"),
    });
    const added = await github.addRepository("mara", "shop", source, {
      private: true,
      defaultBranch: "trunk",
    });
    const { tip } = await prepareWithWork(1, having(added.cloneUrl));
    await repositories.publish(taskId(1), BRANCH, having(added.cloneUrl));
    expect(await git(added.path, "rev-parse", `refs/heads/${BRANCH}`)).toBe(tip);
    const found = Bun.spawnSync(["grep", "-r", "-l", token, directory]);
    expect(found.stdout.toString()).toBe("");
  });

  test("is told without one, with a wrong one, and when there is no such repository", async () => {
    await using github = await startGitHubSimulator({
      tokens: { [token]: "mara" },
      root: join(folder, "github"),
    });
    const added = await github.addRepository("mara", "shop", source, { private: true });
    const without = await failureOf(repositories.prepare(task(1), at(added.cloneUrl), never));
    expect(without.code).toBe("repository_needs_credential");
    const wrong = await failureOf(
      repositories.prepare(task(1), having(added.cloneUrl, "wrong-canary"), never),
    );
    expect(wrong.code).toBe("repository_needs_credential");
    expect(JSON.stringify(wrong.failure)).not.toContain("canary");
    const missing = await failureOf(repositories.prepare(task(1), having(`${github.url}/mara/none`), never));
    expect(missing.code).toBe("repository_not_found");
  });

  test("may refuse the push of a user who only reads", async () => {
    await using github = await startGitHubSimulator({
      tokens: { [token]: "mara", other: "reader" },
      root: join(folder, "github"),
    });
    const added = await github.addRepository("mara", "shop", source, {
      collaborators: [],
      defaultBranch: "trunk",
    });
    await prepareWithWork(1, having(added.cloneUrl));
    const { failure } = await failureOf(
      repositories.publish(taskId(1), BRANCH, having(added.cloneUrl, "other")),
    );
    expect(failure.code).toBe("push_refused");
  });

  test("that sends git elsewhere does not take the credential along", async () => {
    const received: (string | null)[] = [];
    const elsewhere = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: (request) => {
        received.push(request.headers.get("authorization"));
        return new Response("who are you?", {
          status: 401,
          headers: { "www-authenticate": 'Basic realm="elsewhere"' },
        });
      },
    });
    const server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: (request) => {
        if (request.headers.get("authorization") === null) {
          return new Response("", { status: 401, headers: { "www-authenticate": 'Basic realm="here"' } });
        }
        const { pathname, search } = new URL(request.url);
        return Response.redirect(`http://localhost:${elsewhere.port}${pathname}${search}`, 301);
      },
    });
    const { code } = await failureOf(
      repositories.prepare(task(1), having(`http://127.0.0.1:${server.port}/o/n`), never),
    );
    expect(code).toBe("repository_needs_credential");
    expect(received.length).toBeGreaterThan(0);
    expect(received.every((header) => header === null)).toBe(true);
    await Promise.all([server.stop(true), elsewhere.stop(true)]);
  });
});
