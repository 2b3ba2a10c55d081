import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { FetchBounds } from "./fetch-bounds.ts";
import { Git, isOutOfMemory } from "./git.ts";
import { mirrorPath } from "./mirror-path.ts";
import { at, type Fixture, failureOf, git, never, openFixture, task } from "./repositories.fixture.ts";
import { createRepositories } from "./repositories.ts";

const MIB = 1024 ** 2;
let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture[Symbol.asyncDispose]());

const within = (fetchBounds: Partial<FetchBounds>) =>
  createRepositories({ directory: fixture.directory, fetchBounds: { lookMs: 20, ...fetchBounds } });
const prepare = (fetchBounds: Partial<FetchBounds>) =>
  within(fetchBounds).prepare(task(1), at(fixture.source), never);

async function commitNoise(sizeBytes: number): Promise<void> {
  const noise = new Uint8Array(sizeBytes);
  for (let offset = 0; offset < sizeBytes; offset += 65_536)
    crypto.getRandomValues(noise.subarray(offset, offset + 65_536));
  await Bun.write(join(fixture.work, "noise"), noise);
  await fixture.commit({});
  await git(fixture.work, "push", "--quiet", "origin", "trunk");
}

/** A commit whose message has so many bytes, on the remote's branch. */
async function commitMessage(sizeBytes: number): Promise<string> {
  await Bun.write(join(fixture.folder, "message"), "a".repeat(sizeBytes));
  const tree = await git(fixture.source, "rev-parse", "trunk^{tree}");
  const message = join(fixture.folder, "message");
  const commit = await git(fixture.source, "commit-tree", "-p", "trunk", "-F", message, tree);
  await git(fixture.source, "update-ref", "refs/heads/trunk", commit);
  return commit;
}

describe("a fetch", () => {
  test("is stopped when the disk has less left than it must keep, and leaves nothing half done", async () => {
    await commitNoise(2 * MIB);
    const failure = await failureOf(prepare({ minFreeBytes: Number.MAX_SAFE_INTEGER }));
    expect(failure.failure).toMatchObject({ code: "disk_full", retryable: true });
    expect(failure.message).toContain("MiB left, so fetching");
    expect((await prepare({ minFreeBytes: 1 })).baseBranch).toBe("trunk");
  });

  test("is stopped while it is under way when the mirror grows beyond what one may hold", async () => {
    await commitNoise(48 * MIB);
    const failure = await failureOf(prepare({ maxMirrorBytes: 4 * MIB }));
    expect(failure.failure).toMatchObject({ code: "disk_full", retryable: false });
    expect(failure.message).toContain("larger than the 4 MiB that a repository may have");
    const packs = join(fixture.directory, "mirrors", mirrorPath("u1", fixture.source), "objects", "pack");
    expect(await readdir(packs).catch(() => [])).toEqual([]);
    expect((await prepare({ maxMirrorBytes: 100 * MIB })).baseBranch).toBe("trunk");
  }, 30_000);

  test("takes no more memory than it may, whatever the forge packs into one commit", async () => {
    await commitMessage(150_000_000);
    const failure = await failureOf(prepare({ maxMemoryBytes: 96 * MIB }));
    expect(failure.failure).toMatchObject({ code: "payload_too_large", retryable: false });
    expect((await prepare({ maxMemoryBytes: 1024 * MIB })).baseBranch).toBe("trunk");
  }, 30_000);
});

describe("every command of git", () => {
  const limitOf = async (options: { maxMemoryBytes?: number }, command: { maxMemoryBytes?: number } = {}) => {
    const args = ["-c", "alias.limits=!cat /proc/self/limits", "limits"];
    const limits = await new Git({ stallSeconds: 1, ...options }).read({ args, ...command });
    return Number(/^Max data size\s+(\d+)/m.exec(limits)?.[1]);
  };

  test("has a bound on its memory, its own or the usual one", async () => {
    expect(await limitOf({})).toBe(768 * MIB);
    expect(await limitOf({ maxMemoryBytes: 900 * MIB })).toBe(900 * MIB);
    expect(await limitOf({}, { maxMemoryBytes: 64 * MIB })).toBe(64 * MIB);
  });

  test("fails where a commit needs more, and says so", async () => {
    const commit = await commitMessage(150_000_000);
    const log = { repository: fixture.source, args: ["log", "-1", "--format=%H", commit] };
    const bound = await new Git({ stallSeconds: 1, maxMemoryBytes: 96 * MIB }).run(log);
    expect(bound.exitCode).not.toBe(0);
    expect(isOutOfMemory(bound.stderr)).toBe(true);
    expect(await new Git({ stallSeconds: 1 }).read(log)).toBe(commit);
  }, 30_000);
});
