import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LIVE_REF, Problem, RESTORE_REF, turnRef } from "@farhand/protocol";
import { BRANCH, Door, until } from "../test/fixture.ts";
import type { DoorCaps } from "./door-caps.ts";

const MIB = 1024 ** 2;

const env = {
  PATH: process.env.PATH ?? "",
  HOME: "/nonexistent",
  LC_ALL: "C",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_TERMINAL_PROMPT: "0",
  GIT_AUTHOR_NAME: "Agent",
  GIT_AUTHOR_EMAIL: "agent@example.org",
  GIT_COMMITTER_NAME: "Agent",
  GIT_COMMITTER_EMAIL: "agent@example.org",
};

async function git(cwd: string, ...args: string[]) {
  const child = Bun.spawn(["git", ...args], { cwd, env, stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, stdout: stdout.trim(), stderr };
}

async function ok(cwd: string, ...args: string[]): Promise<string> {
  const result = await git(cwd, ...args);
  if (result.code !== 0) throw new Error(`git ${args.join(" ")}: ${result.stderr}`);
  return result.stdout;
}

let door: Door;
let bare: string;
let work: string;
let forwarder: Bun.Server<undefined>;
let remote: string;

/** git cannot speak over a unix socket: as the worker's forwarder does, this one lends it a port. */
async function openAll(doorCaps: Partial<DoorCaps> = {}): Promise<void> {
  door = await Door.open(undefined, { doorCaps });
  door.ports.turn = 12;
  bare = join(door.folder, "task.git");
  const seed = join(door.folder, "seed");
  await ok(door.folder, "init", "--quiet", "--bare", "--initial-branch=main", bare);
  await ok(door.folder, "init", "--quiet", "--initial-branch=main", seed);
  await writeFile(join(seed, "a.txt"), "a\n");
  await ok(seed, "add", ".");
  await ok(seed, "commit", "--quiet", "-m", "first");
  await ok(seed, "push", "--quiet", bare, "main", "main:refs/heads/other");
  door.ports.repositoryPath = bare;
  forwarder = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    development: false,
    fetch: (request) => {
      const { pathname, search } = new URL(request.url);
      return fetch(`http://gateway${pathname}${search}`, {
        method: request.method,
        headers: request.headers,
        body: request.body,
        unix: door.socket,
        decompress: false,
        signal: request.signal,
      });
    },
  });
  remote = `http://x:one@127.0.0.1:${forwarder.port}/git/task.git`;
  work = join(door.folder, "work");
  await ok(door.folder, "clone", "--quiet", remote, work);
}
beforeEach(() => openAll());
afterEach(async () => {
  await forwarder.stop(true);
  await door[Symbol.asyncDispose]();
});

async function commit(text: string): Promise<string> {
  await writeFile(join(work, "a.txt"), text);
  await ok(work, "commit", "--quiet", "-am", text);
  return await ok(work, "rev-parse", "HEAD");
}

describe("the task's repository", () => {
  test("can be cloned, and its own branch pushed", async () => {
    const tip = await commit("b\n");
    await ok(work, "push", "--quiet", "origin", `HEAD:refs/heads/${BRANCH}`);
    expect(await ok(bare, "rev-parse", `refs/heads/${BRANCH}`)).toBe(tip);
  });

  test.each([LIVE_REF, turnRef(12)])("takes checkpoints under %s, forced too", async (ref) => {
    await commit("b\n");
    await ok(work, "push", "--quiet", "origin", `HEAD:${ref}`);
    await ok(work, "reset", "--quiet", "--hard", "HEAD^");
    const other = await commit("other\n");
    await ok(work, "push", "--quiet", "--force", "origin", `HEAD:${ref}`);
    expect(await ok(bare, "rev-parse", ref)).toBe(other);
  });

  test("never takes a forced push of the task's branch", async () => {
    const tip = await commit("b\n");
    await ok(work, "push", "--quiet", "origin", `HEAD:refs/heads/${BRANCH}`);
    await ok(work, "reset", "--quiet", "--hard", "HEAD^");
    await commit("other\n");
    const result = await git(work, "push", "--force", "origin", `HEAD:refs/heads/${BRANCH}`);
    expect(result.code).not.toBe(0);
    expect(result.stderr).toContain("non-fast-forward");
    expect(await ok(bare, "rev-parse", `refs/heads/${BRANCH}`)).toBe(tip);
  });

  test("takes no more than it has room for, however often a checkpoint is replaced", async () => {
    await commit("b\n");
    await ok(work, "push", "--quiet", "origin", `HEAD:${LIVE_REF}`);
    const tip = await ok(bare, "rev-parse", LIVE_REF);
    door.ports.roomBytes = 0;
    await commit("c\n");
    const result = await git(work, "push", "--force", "origin", `HEAD:${LIVE_REF}`);
    expect(result.code).not.toBe(0);
    expect(result.stderr).toContain("exceeds maximum allowed size");
    expect(await ok(bare, "rev-parse", LIVE_REF)).toBe(tip);
  });

  test("gives out the checkpoint that the coordinator offers, and lets nobody change it", async () => {
    const offered = await ok(bare, "commit-tree", "-m", "checkpoint", "-p", "main", "main^{tree}");
    await ok(bare, "update-ref", RESTORE_REF, offered);
    await ok(work, "fetch", "--quiet", "origin", RESTORE_REF);
    expect(await ok(work, "rev-parse", "FETCH_HEAD")).toBe(offered);
    await commit("c\n");
    const result = await git(work, "push", "--force", "origin", `HEAD:${RESTORE_REF}`);
    expect(result.code).not.toBe(0);
    expect(await ok(bare, "rev-parse", RESTORE_REF)).toBe(offered);
  });

  test("takes only commits as checkpoints", async () => {
    const blob = await ok(work, "hash-object", "-w", "a.txt");
    const result = await git(work, "push", "origin", `${blob}:${LIVE_REF}`);
    expect(result.stderr).toContain("policy: only commits can be pushed from here");
    expect(await ok(bare, "for-each-ref", "refs/farhand")).toBe("");
  });

  test("takes a pushed name as data, whatever is in it", async () => {
    await commit("c\n");
    for (const name of ["$(touch\tran)", "`touch ran`", "turns/$(id)", "%s%n"]) {
      const ref = `refs/farhand/${name.replaceAll(/\s/g, "$IFS")}`;
      expect((await git(work, "push", "origin", `HEAD:${ref}`)).code).not.toBe(0);
    }
    expect(await ok(bare, "for-each-ref", "refs/farhand")).toBe("");
    expect(await readdir(bare)).not.toContain("ran");
  });

  test.each(["0", "01", "1a", "-1", "1/2", "11", "13", "x"])(
    "takes no checkpoint of a turn called %s",
    async (name) => {
      await commit("c\n");
      const result = await git(work, "push", "origin", `HEAD:refs/farhand/turns/${name}`);
      expect(result.stderr).toContain("policy: only the checkpoint of turn 12 can be pushed");
      expect(await ok(bare, "for-each-ref", "refs/farhand")).toBe("");
    },
  );

  test("can be cloned without its blobs", async () => {
    const partial = join(door.folder, "partial");
    await ok(door.folder, "clone", "--quiet", "--filter=blob:none", "--no-checkout", remote, partial);
    const missing = await ok(partial, "rev-list", "--objects", "--all", "--missing=print");
    expect(missing.split("\n").filter((line) => line.startsWith("?"))).toHaveLength(1);
  });

  test.each([
    ["another branch", "HEAD:refs/heads/main"],
    ["a branch with the task's name as its beginning", `HEAD:refs/heads/${BRANCH}-2`],
    ["a tag", "HEAD:refs/tags/v1"],
    ["a replacement", "HEAD:refs/replace/0000000000000000000000000000000000000001"],
    ["another namespace", "HEAD:refs/farhandy/x"],
    ["what the coordinator keeps for itself", "HEAD:refs/farhand/restore"],
    ["a name that begins like the live checkpoint", "HEAD:refs/farhand/live2"],
    ["a name below the live checkpoint", "HEAD:refs/farhand/live/x"],
    ["any other name of ours", "HEAD:refs/farhand/checkpoints/1"],
  ])("takes no push to %s, not even beside one that is allowed", async (_, refspec) => {
    const before = await ok(bare, "for-each-ref");
    await commit("c\n");
    const result = await git(work, "push", "origin", refspec, `HEAD:refs/heads/${BRANCH}`);
    expect(result.code).not.toBe(0);
    expect(result.stderr).toContain(`policy: only ${BRANCH} can be pushed from here`);
    expect(await ok(bare, "for-each-ref")).toBe(before);
  });

  test.each(["refs/heads/other", `refs/heads/${BRANCH}`, LIVE_REF])("lets nobody delete %s", async (ref) => {
    await ok(work, "push", "--quiet", "origin", `HEAD:refs/heads/${BRANCH}`, `HEAD:${LIVE_REF}`);
    const result = await git(work, "push", "origin", `:${ref}`);
    expect(result.code).not.toBe(0);
    expect(await ok(bare, "rev-parse", "--verify", ref)).toMatch(/^[0-9a-f]{40}$/);
  });

  test("runs none of its own hooks", async () => {
    const marker = join(door.folder, "ran");
    await mkdir(join(bare, "hooks"), { recursive: true });
    for (const name of ["pre-receive", "update", "post-receive", "post-update", "reference-transaction"]) {
      await writeFile(join(bare, "hooks", name), `#!/bin/sh\ntouch ${marker}\n`, { mode: 0o755 });
    }
    await commit("d\n");
    await ok(work, "push", "--quiet", "origin", `HEAD:refs/heads/${BRANCH}`);
    expect(await readdir(door.folder)).not.toContain("ran");
  });

  test("takes no damaged objects", async () => {
    const tree = await ok(work, "rev-parse", "HEAD^{tree}");
    const raw = `tree ${tree}\nauthor no email 1 +0000\ncommitter no email 1 +0000\n\nbad\n`;
    await writeFile(join(door.folder, "raw"), raw);
    const bad = await ok(work, "hash-object", "--literally", "-t", "commit", "-w", join(door.folder, "raw"));
    const result = await git(work, "push", "origin", `${bad}:refs/heads/${BRANCH}`);
    expect(result.code).not.toBe(0);
    expect(result.stderr).toMatch(/missingEmail|missingSpaceBeforeEmail|unpack/);
    expect((await git(bare, "rev-parse", "--verify", "--quiet", `refs/heads/${BRANCH}`)).code).not.toBe(0);
  });

  test("is closed to an older attempt and to a wrong token", async () => {
    door.ports.attempt = 2;
    await commit("e\n");
    const stale = await git(work, "push", "origin", `HEAD:refs/heads/${BRANCH}`);
    expect(stale.stderr).toContain("410");
    const wrong = await git(work, "ls-remote", remote.replace("x:one@", "x:wrong@"));
    expect(wrong.stderr).toContain("Authentication failed");
    const none = await git(work, "ls-remote", remote.replace("x:one@", ""));
    expect(none.stderr).toContain("could not read Username");
  });

  test("is closed between two turns, and cuts off a push that is under way then", async () => {
    const before = door.ports.claims;
    const held = door.fetch("/git/task.git/git-receive-pack", {
      method: "POST",
      headers: { "content-type": "application/x-git-receive-pack-request" },
      // A push whose sender never comes to its end.
      body: new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(new TextEncoder().encode("00")),
      }),
    });
    await until(() => door.ports.claims > before);
    door.ports.isResting = true;
    // What a client sees that is still sending depends on how far it has got.
    expect([403, "cut off"]).toContain(
      await held.then(
        ({ status }) => status,
        () => "cut off",
      ),
    );
    const result = await git(work, "ls-remote", remote);
    expect(result.stderr).toContain("403");
  });

  test("is served over git's smart protocol alone", async () => {
    for (const query of ["", "?service=git-archive", "?service=git-upload-pack&service=git-receive-pack"]) {
      const response = await door.fetch(`/git/task.git/info/refs${query}`);
      expect(Problem.parse(await response.json()).code).toBe("policy");
    }
  });

  test("takes a file that is larger than the memory that git may use, and gives it out again", async () => {
    await forwarder.stop(true);
    await door[Symbol.asyncDispose]();
    await openAll({ pushMemoryBytes: 128 * MIB, fetchMemoryBytes: 128 * MIB });
    const piece = crypto.getRandomValues(new Uint8Array(65_536));
    const sink = Bun.file(join(work, "large.bin")).writer();
    for (let n = 0; n < (160 * MIB) / piece.length; n++) {
      new DataView(piece.buffer).setUint32(0, n);
      sink.write(piece.slice());
      await sink.flush();
    }
    await sink.end();
    await ok(work, "-c", "core.compression=0", "add", ".");
    const tip = await commit("large\n");
    await ok(work, "push", "--quiet", "origin", `HEAD:refs/heads/${BRANCH}`);
    const again = join(door.folder, "again");
    await ok(door.folder, "clone", "--quiet", "--branch", BRANCH, remote, again);
    expect(await ok(again, "rev-parse", "HEAD")).toBe(tip);
    expect(Bun.file(join(again, "large.bin")).size).toBe(160 * MIB);
  }, 120_000);

  test("takes a push of many megabytes", async () => {
    for (let n = 0; n < 160; n++) {
      await writeFile(join(work, `large${n}.bin`), crypto.getRandomValues(new Uint8Array(65_536)));
    }
    await ok(work, "add", ".");
    const tip = await commit("large\n");
    await ok(work, "push", "--quiet", "origin", `HEAD:refs/heads/${BRANCH}`);
    expect(await ok(bare, "rev-parse", `refs/heads/${BRANCH}`)).toBe(tip);
  });
});
