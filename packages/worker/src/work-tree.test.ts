import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RESTORE_REF } from "@farhand/protocol";
import { type Repository, seedRepository } from "../test/repository.ts";
import { Checkpoints } from "./checkpoints.ts";
import { gitIdentity } from "./environment.ts";
import { TurnFailure } from "./failure.ts";
import { Git, gitSentence, isPassingGitTrouble } from "./git.ts";
import { readGuide, systemPrompt } from "./system-prompt.ts";
import { WorkTree } from "./work-tree.ts";

const BRANCH = "farhand/mend";
const AUTHOR = { name: "Farhand", email: "farhand@example.org" };
const FIRST = { baseBranch: "main", branch: BRANCH, author: AUTHOR, mayBePushed: false };
const { signal } = new AbortController();

let folder: string;
let repository: Repository;
let git: Git;
let tree: WorkTree;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tree-"));
  repository = await seedRepository(folder);
  git = new Git({ path: process.env.PATH ?? "", home: folder, timeoutMs: 20_000, env: gitIdentity(AUTHOR) });
  tree = open("repo");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function open(name: string, repositoryUrl = repository.path, waitsMs: number[] = []): WorkTree {
  return new WorkTree({
    directory: join(folder, name),
    repositoryUrl,
    git,
    sleep: async (ms) => void waitsMs.push(ms),
    random: () => 0,
    signal,
  });
}

const inTree = async (...args: string[]) =>
  (await git.run(args, { cwd: tree.directory, signal })).stdout.trim();
const write = (name: string, text: string) => writeFile(join(tree.directory, name), text);
const failed = (promise: Promise<unknown>) =>
  promise.then(() => null).catch((error: unknown) => (error instanceof TurnFailure ? error.failure : error));

describe("a clone", () => {
  test("stands on a new branch from the base, with the task's author", async () => {
    expect((await tree.clone(FIRST)).head).toBe(repository.commit);
    expect(await inTree("symbolic-ref", "--short", "HEAD")).toBe(BRANCH);
    expect(await inTree("config", "user.email")).toBe(AUTHOR.email);
    expect(await inTree("remote", "get-url", "origin")).toBe(repository.path);
  });

  test("stands on what an earlier attempt has pushed", async () => {
    await tree.clone(FIRST);
    await write("a", "a");
    await tree.commitAll("Earlier");
    await tree.push(BRANCH);
    const earlier = await tree.head();
    tree = open("again");
    expect((await tree.clone({ ...FIRST, mayBePushed: true })).head).toBe(earlier);
    expect(await inTree("symbolic-ref", "--short", "HEAD")).toBe(BRANCH);
    await write("b", "b");
    await tree.commitAll("Later");
    await tree.push(BRANCH);
    expect(await repository.git("log", "--format=%s", BRANCH)).toBe("Later\nEarlier\nFirst\n");
  });

  test("of a later attempt starts from the base where nothing was pushed", async () => {
    expect((await tree.clone({ ...FIRST, mayBePushed: true })).head).toBe(repository.commit);
    expect(await inTree("symbolic-ref", "--short", "HEAD")).toBe(BRANCH);
  });

  test("of a branch that does not exist is a failure that names it", async () => {
    expect(await failed(tree.clone({ ...FIRST, baseBranch: "nope" }))).toMatchObject({
      code: "branch_not_found",
    });
  });

  test("is tried again while the gateway is away, and then fails with git's sentence", async () => {
    const waitsMs: number[] = [];
    tree = open("repo", "http://127.0.0.1:9/git/task.git", waitsMs);
    const failure = await failed(tree.clone(FIRST));
    expect(failure).toMatchObject({ code: "worker_failed", retryable: true });
    expect(waitsMs.length).toBeGreaterThan(3);
  });
});

describe("restoring a checkpoint in a fresh clone", () => {
  /** Saves the tree as it is, offers that, and goes on in another clone. */
  async function moveOn(): Promise<{ checkpoint: string; head: string | null }> {
    const saved = { tree: "", head: null, commit: null };
    const checkpoints = new Checkpoints({
      directory: tree.directory,
      repositoryUrl: repository.path,
      git,
      turn: 1,
      everyMs: 1,
      saved,
      report: () => undefined,
      sleep: async () => undefined,
      random: () => 0,
    });
    await checkpoints.saveFinal(signal, null);
    const { commit, head } = checkpoints.saved;
    return { checkpoint: await restoreIn("again", String(commit)), head };
  }

  async function restoreIn(name: string, commit: string): Promise<string> {
    await repository.git("update-ref", RESTORE_REF, commit);
    tree = open(name);
    await tree.clone({ ...FIRST, mayBePushed: true });
    const state = await tree.restore(commit);
    expect(state).toEqual({
      head: await inTree("rev-parse", "HEAD"),
      tree: await inTree("rev-parse", `${commit}^{tree}`),
    });
    return commit;
  }

  const status = () => inTree("status", "--porcelain", "--untracked-files=all");

  beforeEach(() => tree.clone(FIRST));

  test("brings back what was committed, changed, new and deleted, and the index of HEAD", async () => {
    await write("committed", "1");
    await tree.commitAll("Not pushed");
    const head = await tree.head();
    await write("sum.sh", "changed");
    await write("new", "new");
    await inTree("add", "new");
    await rm(join(tree.directory, "test.sh"));
    await moveOn();
    expect(await tree.head()).toBe(head);
    expect(await inTree("symbolic-ref", "--short", "HEAD")).toBe(BRANCH);
    expect((await status()).split("\n")).toEqual(["M sum.sh", " D test.sh", "?? new"]);
    expect(await Bun.file(join(tree.directory, "new")).text()).toBe("new");
  });

  test("goes on from what was pushed and from what was committed on top of it", async () => {
    await write("a", "a");
    await tree.commitAll("Pushed");
    await tree.push(BRANCH);
    await write("b", "b");
    await tree.commitAll("Not pushed");
    await moveOn();
    expect(await inTree("log", "--format=%s")).toBe("Not pushed\nPushed\nFirst");
    expect(await status()).toBe("");
    await tree.push(BRANCH);
  });

  test("keeps the tip of a branch that was pushed further, as before a roll-back, and can still push", async () => {
    await write("a", "first turn");
    await tree.commitAll("First turn");
    await tree.push(BRANCH);
    const saved = await moveOn();
    await write("a", "second turn");
    await write("b", "second turn");
    await tree.commitAll("Second turn");
    await tree.push(BRANCH);
    const tip = await tree.head();
    await restoreIn("back", saved.checkpoint);
    expect(await tree.head()).toBe(tip);
    expect(await Bun.file(join(tree.directory, "a")).text()).toBe("first turn");
    expect(await status()).toBe("M a\n D b");
    await tree.commitAll("Rolled back");
    await tree.push(BRANCH);
  });

  test("may be one of the base itself", async () => {
    await write("a", "a");
    await tree.commitAll("First turn");
    await restoreIn("fresh", repository.commit);
    expect(await tree.head()).toBe(repository.commit);
    expect(await status()).toBe("");
  });

  test("may be one without a parent, from before there was any commit", async () => {
    await inTree("checkout", "--quiet", "--orphan", "empty");
    await write("new", "new");
    const { head, checkpoint } = await moveOn();
    expect(head).toBeNull();
    expect(await tree.head()).toBe(repository.commit);
    expect(await inTree("rev-parse", `${checkpoint}^{tree}`)).not.toBe(
      await inTree("rev-parse", "HEAD^{tree}"),
    );
    expect(await status()).toBe("?? new");
  });

  test("that the repository does not hold is a failure", async () => {
    await repository.git("update-ref", RESTORE_REF, repository.commit);
    expect(await failed(tree.restore("1".repeat(40)))).toMatchObject({ code: "worker_failed" });
  });
});

describe("committing", () => {
  beforeEach(() => tree.clone(FIRST));

  test("takes new, changed and deleted files, with the task's author", async () => {
    await write("new", "new");
    await rm(join(tree.directory, "sum.sh"));
    expect(await tree.commitAll("Title")).toBeNull();
    expect(await inTree("log", "-1", "--format=%an %ce %s", "--name-status")).toBe(
      "Farhand farhand@example.org Title\n\nA\tnew\nD\tsum.sh",
    );
    expect(await tree.hasCommitsSince(repository.commit)).toBe(true);
  });

  test("makes no empty commit", async () => {
    await tree.commitAll("Title");
    expect(await tree.head()).toBe(repository.commit);
    expect(await tree.hasCommitsSince(repository.commit)).toBe(false);
  });

  test("gets past hooks that refuse and a lock that a killed git left", async () => {
    for (const name of ["pre-commit", "commit-msg", "pre-push"]) {
      await write(`.git/hooks-${name}`, "");
      await mkdir(join(tree.directory, ".git/hooks"), { recursive: true });
      await write(`.git/hooks/${name}`, "#!/bin/sh\nexit 1\n");
      await chmod(join(tree.directory, ".git/hooks", name), 0o755);
    }
    await write(".git/index.lock", "");
    await write("new", "new");
    await tree.commitAll("Title");
    await tree.push(BRANCH);
    expect(await repository.git("log", "-1", "--format=%s", BRANCH)).toBe("Title\n");
  });

  test("leaves out what git cannot add, and says so", async () => {
    await mkdir(join(tree.directory, "nested"));
    await git.run(["init", "--quiet"], { cwd: join(tree.directory, "nested"), signal });
    await write("new", "new");
    expect(await tree.commitAll("Title")).toContain("nested");
    expect(await inTree("log", "-1", "--format=", "--name-only")).toBe("new");
  });

  test("a filter that never ends is stopped", async () => {
    git = new Git({ path: process.env.PATH ?? "", home: folder, timeoutMs: 500, env: gitIdentity(AUTHOR) });
    tree = open("repo");
    await inTree("config", "filter.slow.clean", "sleep 600");
    await inTree("config", "filter.slow.required", "true");
    await write(".gitattributes", "* filter=slow\n");
    expect(await failed(tree.commitAll("Title"))).toMatchObject({ code: "worker_failed" });
  });
});

describe("a push", () => {
  beforeEach(() => tree.clone(FIRST));

  test("takes HEAD, whatever branch or remote the agent has made", async () => {
    await inTree("checkout", "--quiet", "-b", "elsewhere");
    await inTree("remote", "set-url", "origin", "/nowhere");
    await write("new", "new");
    await tree.commitAll("Title");
    await tree.push(BRANCH);
    expect((await repository.git("rev-parse", BRANCH)).trim()).toBe(await tree.head());
  });

  test("that is refused fails with git's own sentence", async () => {
    const hook = join(repository.path, "hooks/pre-receive");
    await mkdir(join(repository.path, "hooks"), { recursive: true });
    await writeFile(hook, "#!/bin/sh\necho 'policy: not this branch' >&2\nexit 1\n");
    await chmod(hook, 0o755);
    await write("new", "new");
    await tree.commitAll("Title");
    const failure = await failed(tree.push(BRANCH));
    expect(failure).toMatchObject({ code: "push_refused", retryable: false });
    expect(String((failure as { message: string }).message)).toContain("policy: not this branch");
  });
});

describe("the repository's guide", () => {
  const readme = async (name: string, text: string) => {
    await tree.clone(FIRST);
    await inTree("rm", "--quiet", "AGENTS.md");
    await write(name, text);
    await tree.commitAll("Guide");
    return readGuide(tree, await tree.head());
  };

  test("is AGENTS.md, or else CLAUDE.md, as it was at the base", async () => {
    await tree.clone(FIRST);
    await write("AGENTS.md", "changed by the agent");
    const guide = { name: "AGENTS.md", text: "Run ./test.sh before you commit." };
    expect(await readGuide(tree, repository.commit)).toEqual(guide);
    const prompt = systemPrompt({ directory: "/w/repo", branch: BRANCH, baseBranch: "main" }, guide);
    expect(prompt).toContain(guide.text);
    expect(prompt).toContain(BRANCH);
  });

  test("may be CLAUDE.md, and a long one is cut to 32 KiB", async () => {
    const guide = await readme("CLAUDE.md", "ü".repeat(30_000));
    expect(guide?.name).toBe("CLAUDE.md");
    expect(Buffer.byteLength(guide?.text ?? "")).toBeLessThanOrEqual(32 * 1024);
  });

  test("is nothing where the repository has none", async () => {
    expect(await readme("OTHER.md", "x")).toBeNull();
  });
});

test("git's sentence is what it says is wrong, without progress", () => {
  const stderr =
    "Cloning into 'x'...\nremote: Counting: 10%\rremote: policy: no\nTo http://x\n ! [remote rejected] a -> b\nerror: failed";
  expect(gitSentence(stderr)).toBe(
    "remote: Counting: 10% remote: policy: no ! [remote rejected] a -> b error: failed",
  );
  expect(gitSentence("")).not.toBe("");
});

test("trouble that passes is told from trouble that stays", () => {
  expect(
    isPassingGitTrouble("error: RPC failed; HTTP 502 curl 22 The requested URL returned error: 502"),
  ).toBe(true);
  expect(isPassingGitTrouble("fatal: unable to access: Failed to connect to 127.0.0.1 port 9")).toBe(true);
  expect(
    isPassingGitTrouble(
      "remote: error: file write error: No space left on device\nerror: remote unpack failed",
    ),
  ).toBe(true);
  expect(isPassingGitTrouble("fatal: write error: No space left on device")).toBe(false);
  expect(isPassingGitTrouble("The requested URL returned error: 403")).toBe(false);
  expect(isPassingGitTrouble("! [remote rejected] x (pre-receive hook declined)")).toBe(false);
});
