import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { appendFile, chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LIVE_REF, turnRef, type WorkerEvent } from "@farhand/protocol";
import { type Repository, seedRepository } from "../test/repository.ts";
import { until } from "../test/until.ts";
import { Checkpoints, type CheckpointsOptions } from "./checkpoints.ts";
import { gitIdentity } from "./environment.ts";
import { Git } from "./git.ts";
import { WorkTree } from "./work-tree.ts";

const AUTHOR = { name: "Farhand", email: "farhand@example.org" };
const { signal } = new AbortController();

let folder: string;
let repository: Repository;
let git: Git;
let directory: string;
let events: WorkerEvent[];
let cloned: CheckpointsOptions["saved"];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "checkpoints-"));
  repository = await seedRepository(folder);
  directory = join(folder, "repo");
  events = [];
  git = new Git({ path: process.env.PATH ?? "", home: folder, timeoutMs: 20_000, env: gitIdentity(AUTHOR) });
  const options = { directory, repositoryUrl: repository.path, git, signal };
  const tree = new WorkTree({ ...options, sleep: async () => undefined, random: () => 0 });
  const first = { baseBranch: "main", branch: "farhand/mend", author: AUTHOR, mayBePushed: false };
  cloned = { ...(await tree.clone(first)), commit: null };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function open(options: Partial<CheckpointsOptions> = {}): Checkpoints {
  return new Checkpoints({
    directory,
    repositoryUrl: repository.path,
    git,
    turn: 3,
    everyMs: 3_600_000,
    saved: cloned,
    report: (event) => events.push(event),
    sleep: async () => undefined,
    random: () => 0,
    ...options,
  });
}

const inTree = async (...args: string[]) => (await git.run(args, { cwd: directory, signal })).stdout.trim();
const write = (name: string, text: string) => writeFile(join(directory, name), text);
const saveFinal = (checkpoints = open()) => checkpoints.saveFinal(signal, null);
const files = async (ref: string) =>
  (await repository.git("ls-tree", "-r", "--name-only", ref)).trim().split("\n");
const show = (ref: string, name: string) => repository.git("show", `${ref}:${name}`);
const final = turnRef(3);
const saved = () => events.filter(({ type }) => type === "checkpoint.saved");
const notices = () => events.filter(({ type }) => type === "notice");

describe("a checkpoint", () => {
  test("has what is tracked and what is new, but nothing that is ignored", async () => {
    await write(".gitignore", "*.log\nbuild/\n");
    await write("new.log", "");
    await mkdir(join(directory, "build"));
    await write("build/out", "");
    await write("kept.log", "tracked though it is ignored");
    await inTree("add", "--force", "kept.log");
    await write("new", "new");
    await write("sum.sh", "changed");
    await rm(join(directory, "test.sh"));
    await saveFinal();
    expect(await files(final)).toEqual([".gitignore", "AGENTS.md", "kept.log", "new", "sum.sh"]);
    expect(await show(final, "sum.sh")).toBe("changed");
    expect(await repository.git("log", "-1", "--format=%an %P", final)).toBe(
      `Farhand ${repository.commit}\n`,
    );
    const commit = (await repository.git("rev-parse", final)).trim();
    expect(events).toEqual([{ type: "checkpoint.saved", turn: 3, commit, isFinal: true }]);
  });

  test("leaves HEAD, the index and the branch as they are", async () => {
    await write("staged", "1");
    await inTree("add", "staged");
    await write("staged", "2");
    await write("new", "");
    const state = async () => [
      await readFile(join(directory, ".git/index")),
      await inTree("for-each-ref"),
      await inTree("symbolic-ref", "HEAD"),
    ];
    const before = await state();
    await saveFinal();
    expect(await state()).toEqual(before);
    expect(await show(final, "staged")).toBe("2");
    expect(await repository.git("branch", "--list", "farhand/*")).toBe("");
  });

  test("needs no lock that the agent's git may hold", async () => {
    await write(".git/index.lock", "");
    await write(".git/HEAD.lock", "");
    await write("new", "new");
    await saveFinal();
    expect(await show(final, "new")).toBe("new");
  });

  test("gets past a lock of its own that was left behind", async () => {
    await write(".git/farhand-index.lock", "");
    await saveFinal();
    expect(saved()).toHaveLength(1);
  });

  test("works on another branch, with a detached HEAD and in the middle of a merge", async () => {
    await inTree("checkout", "--quiet", "-b", "other");
    await write("sum.sh", "theirs");
    await inTree("commit", "--quiet", "--all", "--message=Theirs");
    const theirs = await inTree("rev-parse", "HEAD");
    await saveFinal();
    expect(await repository.git("rev-parse", `${final}^`)).toBe(`${theirs}\n`);

    await inTree("checkout", "--quiet", "--detach", "farhand/mend");
    await write("sum.sh", "ours");
    await inTree("commit", "--quiet", "--all", "--message=Ours");
    await inTree("merge", "--quiet", "other");
    expect(await inTree("ls-files", "--unmerged")).not.toBe("");
    await saveFinal();
    expect(await repository.git("log", "-1", "--format=%s", `${final}^`)).toBe("Ours\n");
    expect(await show(final, "sum.sh")).toContain("<<<<<<<");
    expect(await inTree("ls-files", "--unmerged")).not.toBe("");
    expect(notices()).toEqual([]);
  });

  test("has no parent where nothing is committed yet", async () => {
    await rm(join(directory, ".git"), { recursive: true });
    await inTree("init", "--quiet");
    await saveFinal();
    expect(await repository.git("log", "--format=%P", final)).toBe("\n");
    expect(await files(final)).toContain("sum.sh");
  });

  test("takes a repository within as a link, or leaves it out where it is empty", async () => {
    for (const name of ["full", "empty"]) {
      const cwd = join(directory, name);
      await mkdir(cwd);
      await git.run(["init", "--quiet"], { cwd, signal });
      if (name === "full") await git.run(["commit", "--quiet", "--allow-empty", "-mx"], { cwd, signal });
    }
    await write("new", "new");
    await saveFinal();
    expect(await files(final)).toEqual(["AGENTS.md", "full", "new", "sum.sh", "test.sh"]);
    expect(notices()).toEqual([]);
  });

  test("is of the whole tree even if the agent's hooks and settings are in the way", async () => {
    await mkdir(join(directory, ".git/hooks"), { recursive: true });
    for (const name of ["pre-push", "post-index-change"]) {
      await write(`.git/hooks/${name}`, "#!/bin/sh\nexit 1\n");
      await chmod(join(directory, ".git/hooks", name), 0o755);
    }
    await inTree("config", "core.safecrlf", "true");
    await inTree("config", "core.autocrlf", "true");
    await inTree("remote", "set-url", "origin", "/nowhere");
    await write("mixed", "a\r\nb\n");
    await saveFinal();
    expect(await files(final)).toContain("mixed");
  });

  test("is never of a repository further up", async () => {
    await git.run(["init", "--quiet"], { cwd: folder, signal });
    await rm(join(directory, ".git"), { recursive: true });
    await mkdir(join(directory, ".git"));
    await saveFinal();
    expect(notices()).toMatchObject([{ message: expect.stringContaining("not a git repository") }]);
    expect(saved()).toEqual([]);
  });

  test("sees a change of the same size in the same moment as the index", async () => {
    await write("racy", "1");
    await inTree("add", "racy");
    await write("racy", "2");
    await saveFinal();
    expect(await show(final, "racy")).toBe("2");
  });
});

describe("the checkpoint at a turn's end", () => {
  test("is pushed also when nothing has changed since the last one, and is then the same", async () => {
    await write("new", "new");
    const checkpoints = open();
    await checkpoints.saveNow(20_000);
    await saveFinal(checkpoints);
    expect(await repository.git("rev-parse", final)).toBe(await repository.git("rev-parse", LIVE_REF));
    expect(saved().map((event) => "isFinal" in event && event.isFinal)).toEqual([false, true]);
  });

  test("that takes too long or cannot be pushed is a notice", async () => {
    await inTree("config", "filter.slow.clean", "sleep 600");
    await write(".gitattributes", "new filter=slow\n");
    await write("new", "");
    await open().saveFinal(signal, 100);
    expect(notices()).toMatchObject([
      { code: "checkpoint_failed", message: expect.stringContaining("longer than 0.1 seconds") },
    ]);
    await rm(join(directory, ".gitattributes"));
    await saveFinal(open({ repositoryUrl: join(folder, "nowhere") }));
    expect(notices()[1]).toMatchObject({ message: expect.stringContaining("does not appear to be a git") });
    expect(saved()).toEqual([]);
  });

  test("is not made, and nothing is said, when the turn is broken off", async () => {
    const stop = new AbortController();
    await inTree("config", "filter.slow.clean", "touch ../started; sleep 600");
    await write(".gitattributes", "new filter=slow\n");
    await write("new", "");
    const saving = open().saveFinal(stop.signal, null);
    while (!(await Bun.file(join(folder, "started")).exists())) await Bun.sleep(2);
    stop.abort(new Error("stopped"));
    await saving;
    await open().saveFinal(stop.signal, null);
    expect(events).toEqual([]);
  });
});

describe("while the agent works", () => {
  test("a checkpoint follows each change, and none where nothing has changed", async () => {
    const checkpoints = open({ everyMs: 1 });
    await checkpoints.during(async () => {
      await write("a", "1");
      await until(() => saved().length === 1);
      await looks(5);
      expect(saved()).toHaveLength(1);
      await appendFile(join(directory, "a"), "2");
      await until(() => saved().length === 2);
    });
    expect(await show(LIVE_REF, "a")).toBe("12");
    expect(checkpoints.saved.commit).toBe((await repository.git("rev-parse", LIVE_REF)).trim());
  });

  test("a commit of the agent's is a change too", async () => {
    await open({ everyMs: 1 }).during(async () => {
      await inTree("commit", "--quiet", "--allow-empty", "--message=Empty");
      await until(() => saved().length === 1);
    });
    expect(await repository.git("log", "-1", "--format=%s", `${LIVE_REF}^`)).toBe("Empty\n");
  });

  test("what fails is told once, and the work goes on", async () => {
    const result = await open({ everyMs: 1, repositoryUrl: join(folder, "nowhere") }).during(async () => {
      await write("a", "1");
      await until(() => notices().length === 1);
      await looks(3);
      return "done";
    });
    expect(result).toBe("done");
    expect(notices()).toMatchObject([{ code: "checkpoint_failed", level: "warning" }]);
  });

  test("the work's own failure comes out, and nothing is saved after it", async () => {
    const failing = open({ everyMs: 1 }).during(async () => {
      throw new Error("no more");
    });
    expect(await failing.catch((error: unknown) => error)).toMatchObject({ message: "no more" });
    await write("a", "1");
    expect(saved()).toEqual([]);
  });

  /** Waits until the tree has been looked at that often. */
  async function looks(count: number): Promise<void> {
    let seen = 0;
    const run = git.run.bind(git);
    git.run = (args, options) => {
      if (args.includes("write-tree")) seen += 1;
      return run(args, options);
    };
    await until(() => seen > count);
    git.run = run;
  }
});
