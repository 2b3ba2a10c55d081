import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readdir, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LIVE_REF, RESTORE_REF, turnRef } from "@farhand/protocol";
import type { Repositories } from "../domain/ports.ts";
import {
  at,
  type Fixture,
  failureOf,
  git,
  never,
  openFixture,
  task,
  taskId,
} from "./repositories.fixture.ts";

let fixture: Fixture;
let repositories: Repositories;
const id = taskId(1);

beforeEach(async () => {
  fixture = await openFixture();
  ({ repositories } = fixture);
});
afterEach(() => fixture[Symbol.asyncDispose]());

const restoreOf = (n: number) =>
  git(repositories.taskPath(taskId(n)), "for-each-ref", "--format=%(objectname)", RESTORE_REF);

describe("the checkpoints of a task", () => {
  test("are those that were pushed and kept", async () => {
    const { base, tip } = await fixture.prepareWithWork(1);
    expect(await repositories.checkpoints(id)).toEqual({ live: null, turns: new Map() });
    await git(fixture.work, "push", "--quiet", repositories.taskPath(id), `HEAD:${LIVE_REF}`);
    await repositories.keepTurn(id, 2, base);
    await repositories.keepTurn(id, 12, tip);
    await repositories.keepTurn(id, 2, tip);
    await repositories.keepTurn(id, 1, base);
    await repositories.offerRestore(id, base);
    expect(await repositories.checkpoints(id)).toEqual({
      live: tip,
      turns: new Map([
        [1, base],
        [2, tip],
        [12, tip],
      ]),
    });
  });

  test("are commits and numbers of turns alone, whatever else stands there", async () => {
    await fixture.prepareWithWork(1);
    const path = repositories.taskPath(id);
    const blob = await git(fixture.work, "rev-parse", "HEAD:a.txt");
    for (const ref of [LIVE_REF, turnRef(1)]) await git(path, "update-ref", ref, blob);
    for (const ref of ["turns/01", "turns/0", "turns/x", "turns/y/3"]) {
      await git(path, "update-ref", `refs/farhand/${ref}`, "HEAD");
    }
    expect(await repositories.checkpoints(id)).toEqual({ live: null, turns: new Map() });
  });

  test("are none where there is no repository", async () => {
    expect(await repositories.checkpoints(id)).toEqual({ live: null, turns: new Map() });
    expect(await repositories.has(id, "1".repeat(40))).toBe(false);
    expect(await repositories.tip(id, "farhand/x")).toBeNull();
    await repositories.offerRestore(id, null);
    expect((await failureOf(repositories.offerRestore(id, "1".repeat(40)))).code).toBe("removed");
  });

  test("are kept of commits that are there", async () => {
    const { tip } = await fixture.prepareWithWork(1);
    expect((await failureOf(repositories.keepTurn(id, 1, "1".repeat(40)))).code).toBe("not_found");
    await expect(repositories.keepTurn(id, 0, tip)).rejects.toThrow();
    await expect(repositories.keepTurn(id, 1, "HEAD")).rejects.toThrow();
    const blob = await git(fixture.work, "rev-parse", "HEAD:a.txt");
    expect([await repositories.has(id, tip), await repositories.has(id, blob)]).toEqual([true, false]);
    expect(await repositories.has(id, "1".repeat(40))).toBe(false);
  });

  test("can be offered to the next worker, and taken back twice", async () => {
    const { base, tip } = await fixture.prepareWithWork(1);
    await repositories.offerRestore(id, tip);
    await repositories.offerRestore(id, base);
    expect(await restoreOf(1)).toBe(base);
    await repositories.offerRestore(id, null);
    await repositories.offerRestore(id, null);
    expect(await restoreOf(1)).toBe("");
  });

  test("that later ones have replaced are tidied away once they are old, and what is needed stays", async () => {
    const { base, tip } = await fixture.prepareWithWork(1);
    const file = { path: "large", content: "x" };
    const replaced = await fixture.make(1, [file], tip);
    const live = await fixture.make(1, [{ ...file, content: "y" }], tip);
    const path = repositories.taskPath(id);
    await git(path, "update-ref", LIVE_REF, live);
    await repositories.keepTurn(id, 1, tip);
    const old = new Date(Date.now() - 3_600_000);
    for (const name of await readdir(join(path, "objects"), { recursive: true }))
      await utimes(join(path, "objects", name), old, old);
    const young = await fixture.make(1, [{ ...file, content: "z" }], tip);
    for (const n of [1, 2, 3]) await git(path, "update-ref", "-d", `refs/made/${n}`);
    await repositories.tidy(id);
    const there = [base, tip, live, young, replaced].map((commit) => repositories.has(id, commit));
    expect(await Promise.all(there)).toEqual([true, true, true, true, false]);
    await git(path, "fsck", "--strict");
    await repositories.tidy(taskId(9));
  });

  test("can be written at once", async () => {
    const { base, tip } = await fixture.prepareWithWork(1);
    await Promise.all(
      Array.from({ length: 8 }, (_, n) => [
        repositories.keepTurn(id, n + 1, tip),
        repositories.offerRestore(id, n % 2 ? null : base),
      ]).flat(),
    );
    expect((await repositories.checkpoints(id)).turns.size).toBe(8);
  });
});

describe("a fork", () => {
  const made = async () => {
    const { base, tip } = await fixture.prepareWithWork(1);
    const commit = await fixture.make(1, [{ path: "only/here.txt", content: "from the checkpoint\n" }], tip);
    return { base, tip, commit };
  };

  test("has the same base and the checkpoint, and needs nothing of its source", async () => {
    const { base, tip, commit } = await made();
    const forked = await repositories.fork(id, taskId(2), commit);
    expect(forked).toEqual({ baseBranch: "trunk", baseCommit: base });
    await repositories.remove(id);
    const path = repositories.taskPath(taskId(2));
    await git(path, "fsck", "--strict");
    expect(await git(path, "for-each-ref", "--format=%(refname) %(objectname)")).toBe(
      `${RESTORE_REF} ${commit}\nrefs/heads/trunk ${base}`,
    );
    expect(await repositories.node(taskId(2), commit, "only/here.txt")).toMatchObject({ kind: "file" });
    expect(await repositories.has(taskId(2), tip)).toBe(true);
    // As `prepare` finds it, and as a worker clones it.
    expect(await repositories.prepare(task(2), at("/nowhere"), never)).toEqual(forked);
    await git(fixture.folder, "clone", "--quiet", path, join(fixture.folder, "clone"));
  });

  test("copies only what the mirror lacks", async () => {
    const { base, commit } = await made();
    await repositories.fork(id, taskId(2), commit);
    const counts = await git(repositories.taskPath(taskId(2)), "count-objects", "-v");
    // The branch's commit with its tree and two files, the checkpoint's with two trees and a file.
    expect(counts).toContain("in-pack: 8\n");
    await repositories.fork(id, taskId(3), base);
    expect(await git(repositories.taskPath(taskId(3)), "count-objects", "-v")).toContain("in-pack: 0\n");
    expect(await restoreOf(3)).toBe(base);
  });

  test("can be asked for again, and be forked itself", async () => {
    const { base, commit } = await made();
    const first = await repositories.fork(id, taskId(2), commit);
    await repositories.offerRestore(taskId(2), base);
    await repositories.remove(id);
    expect(await repositories.fork(id, taskId(2), commit)).toEqual(first);
    expect(await restoreOf(2)).toBe(base);
    const pair = await Promise.all([3, 3].map((n) => repositories.fork(taskId(2), taskId(n), commit)));
    expect(pair).toEqual([first, first]);
    await git(repositories.taskPath(taskId(3)), "fsck");
  });

  test("may be of a commit without any history in common", async () => {
    await fixture.prepareWithWork(1);
    const orphan = await fixture.make(1, [{ path: "x", content: "x" }]);
    await repositories.fork(id, taskId(2), orphan);
    await git(repositories.taskPath(taskId(2)), "fsck");
    expect(await repositories.has(taskId(2), orphan)).toBe(true);
  });

  test("replaces what a crash left of one", async () => {
    const { commit } = await made();
    const path = repositories.taskPath(taskId(2));
    await git(fixture.folder, "init", "--quiet", "--bare", `${path}.new`);
    await git(fixture.folder, "init", "--quiet", "--bare", path);
    await writeFile(join(path, "HEAD"), "");
    await repositories.fork(id, taskId(2), commit);
    await git(path, "fsck");
  });

  test("of a task whose files are gone, or of what is not there, is refused", async () => {
    const { commit } = await made();
    expect((await failureOf(repositories.fork(id, taskId(2), "1".repeat(40)))).code).toBe("not_found");
    await repositories.remove(id);
    expect((await failureOf(repositories.fork(id, taskId(2), commit))).code).toBe("removed");
    expect(await repositories.sizeBytes(taskId(2))).toBe(0);
    await expect(repositories.fork(id, id, commit)).rejects.toThrow("itself");
  });
});

describe("the size of a task's repository", () => {
  test("is what it takes on the disk, without what it borrows", async () => {
    const { tip } = await fixture.prepareWithWork(1);
    const before = await repositories.sizeBytes(id);
    expect(before).toBeGreaterThan(0);
    const content = crypto.getRandomValues(new Uint8Array(65_536));
    await fixture.make(1, [{ path: "random", content }], tip);
    const after = await repositories.sizeBytes(id);
    expect(after - before).toBeGreaterThanOrEqual(content.byteLength);
    await rm(join(fixture.directory, "mirrors"), { recursive: true });
    expect(await repositories.sizeBytes(id)).toBe(after);
    await repositories.remove(id);
    await repositories.remove(id);
    expect(await repositories.sizeBytes(id)).toBe(0);
  });
});
