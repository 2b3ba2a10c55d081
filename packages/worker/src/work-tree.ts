import { rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { RESTORE_REF } from "@farhand/protocol";
import type { Sleep } from "./backoff.ts";
import type { Person } from "./environment.ts";
import { diskFull, isDiskFull, TurnFailure } from "./failure.ts";
import { type Git, type GitResult, gitSentence, retryGit } from "./git.ts";

/** A disk that does not take this much is full. */
const PROBE_BYTES = 64 * 1024;

export interface WorkTreeOptions {
  /** Folder of the clone; made by `clone`. */
  directory: string;
  /** URL of the task's repository. */
  repositoryUrl: string;
  git: Git;
  sleep: Sleep;
  random: () => number;
  signal: AbortSignal;
}

export interface CloneOptions {
  baseBranch: string;
  /** The task's own branch. */
  branch: string;
  /** Author of the agent's commits. */
  author: Person;
  /** An earlier attempt may have pushed the branch. */
  mayBePushed: boolean;
}

/** A work tree that is just as a commit or a checkpoint has it. */
export interface TreeState {
  /** Commit that is checked out. */
  head: string;
  /** Git's tree object of all its files. */
  tree: string;
}

/** The clone that the agent works in, as the worker sees it from outside. */
export class WorkTree {
  readonly directory: string;
  readonly #options: WorkTreeOptions;

  constructor(options: WorkTreeOptions) {
    this.directory = options.directory;
    this.#options = options;
  }

  /**
   * Clones the base branch and stands on the task's own branch: on what an earlier attempt has pushed to it, or
   * on a new branch from the base.
   */
  async clone({ baseBranch, branch, author, mayBePushed }: CloneOptions): Promise<TreeState> {
    const { repositoryUrl } = this.#options;
    const source = ["--single-branch", "--branch", baseBranch, repositoryUrl, this.directory];
    const identity = ["--config", `user.name=${author.name}`, "--config", `user.email=${author.email}`];
    const cloned = await retryGit(async () => {
      // What an interrupted try has left would make git refuse the folder.
      await rm(this.directory, { recursive: true, force: true });
      return this.#run(["clone", "--quiet", ...identity, ...source], "/");
    }, this.#options);
    if (cloned.exitCode !== 0) throw await this.#failure(cloned, cloneFailure(cloned, baseBranch));

    if (mayBePushed && (await this.#isPushed(branch))) {
      const refspec = `+refs/heads/${branch}:refs/remotes/origin/${branch}`;
      await this.#must(["config", "--add", "remote.origin.fetch", refspec]);
      await this.#must(["fetch", "--quiet", "origin", refspec]);
      await this.#must(["checkout", "--quiet", "-b", branch, "--track", `origin/${branch}`]);
    } else {
      await this.#must(["checkout", "--quiet", "-b", branch]);
    }
    return this.#state("HEAD");
  }

  /**
   * Puts a fresh clone into the state that a checkpoint has saved: its files, and as HEAD the commit that was checked
   * out then. HEAD never goes back, though: a branch that was pushed further, as before a roll-back, keeps its tip,
   * because no push of it is forced. The files then differ from it by what was rolled back.
   */
  async restore(checkpoint: string): Promise<TreeState> {
    const { repositoryUrl } = this.#options;
    const fetch = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", repositoryUrl, RESTORE_REF];
    const fetched = await this.#retrying(fetch, this.directory);
    if (fetched.exitCode !== 0) throw await this.#failure(fetched, gitFailure(fetched, "fetch"));

    // Nothing for one that was made before there was any commit.
    const parent = await this.#git(["rev-parse", "--verify", "--quiet", `${checkpoint}^1^{commit}`]);
    const saved = parent.stdout.trim();
    const head = saved !== "" && (await this.#isAncestor("HEAD", saved)) ? saved : "HEAD";
    await this.#must(["read-tree", "--reset", "-u", checkpoint]);
    await this.#must(["reset", "--quiet", "--mixed", head]);
    return this.#state(checkpoint);
  }

  async #isAncestor(ancestor: string, descendant: string): Promise<boolean> {
    const asked = await this.#git(["merge-base", "--is-ancestor", ancestor, descendant]);
    if (asked.exitCode > 1) throw await this.#failure(asked, gitFailure(asked, "merge-base"));
    return asked.exitCode === 0;
  }

  async #state(files: string): Promise<TreeState> {
    const { stdout } = await this.#must(["rev-parse", "HEAD^{commit}", `${files}^{tree}`]);
    const [head = "", tree = ""] = stdout.trim().split("\n");
    return { head, tree };
  }

  async #isPushed(branch: string): Promise<boolean> {
    const ref = `refs/heads/${branch}`;
    const listed = await this.#retrying(["ls-remote", "--heads", "origin", ref], this.directory);
    if (listed.exitCode !== 0) throw await this.#failure(listed, gitFailure(listed, "ls-remote"));
    return listed.stdout.trim() !== "";
  }

  /** The commit that is checked out. */
  async head(): Promise<string> {
    return (await this.#must(["rev-parse", "--verify", "HEAD^{commit}"])).stdout.trim();
  }

  /**
   * The first of the named files that a commit has at its root as an ordinary file; null where it has none. Of a
   * long one, the text's last 64 Ki characters.
   */
  async firstFile(commit: string, names: readonly string[]): Promise<{ name: string; text: string } | null> {
    const listed = await this.#git(["ls-tree", commit, "--", ...names]);
    const ordinary = listed.stdout
      .split("\n")
      .flatMap((line) => /^100\d+ blob \S+\t(.*)$/.exec(line)?.[1] ?? []);
    const name = names.find((candidate) => ordinary.includes(candidate));
    if (name === undefined) return null;
    const shown = await this.#git(["cat-file", "blob", `${commit}:${name}`]);
    return shown.exitCode === 0 ? { name, text: shown.stdout } : null;
  }

  /**
   * Commits whatever is not committed; makes no empty commit.
   *
   * @returns a sentence about what could not be committed, or null.
   */
  async commitAll(message: string): Promise<string | null> {
    await this.clearLock();
    let skipped: string | null = null;
    const added = await this.#git(["add", "--all"]);
    if (added.exitCode !== 0) {
      const failure = await this.#failure(added, gitFailure(added, "add"));
      if (added.timedOut || failure.failure.code === "disk_full") throw failure;
      await this.#git(["add", "--all", "--ignore-errors"]);
      skipped = gitSentence(added.stderr);
    }
    const staged = await this.#git(["diff", "--cached", "--quiet"]);
    if (staged.exitCode === 0) return skipped;
    await this.#must(["commit", "--quiet", "--no-verify", "--message", message]);
    return skipped;
  }

  /** Removes the lock that a git leaves behind when it is killed together with the agent's shell. */
  async clearLock(): Promise<void> {
    await rm(join(this.directory, ".git", "index.lock"), { force: true });
  }

  /** Whether HEAD has commits that `commit` has not. */
  async hasCommitsSince(commit: string): Promise<boolean> {
    const counted = await this.#must(["rev-list", "--count", "--max-count=1", `${commit}..HEAD`]);
    return counted.stdout.trim() !== "0";
  }

  /**
   * Pushes HEAD to the branch, whatever branch the agent stands on. Never forced.
   *
   * @throws TurnFailure `push_refused` with git's own sentence.
   */
  async push(branch: string): Promise<void> {
    // To the address itself: the agent may have changed what `origin` means.
    const args = ["push", "--quiet", "--no-verify", this.#options.repositoryUrl, `HEAD:refs/heads/${branch}`];
    const pushed = await this.#retrying(args, this.directory);
    if (pushed.exitCode === 0) return;
    const refused = new TurnFailure(
      "push_refused",
      `The branch ${branch} could not be pushed: ${gitSentence(pushed.stderr)}`,
      "See what git says; if the branch was rewritten, ask the agent to keep its pushed commits and add new ones.",
      false,
    );
    throw await this.#failure(pushed, refused);
  }

  #run(args: string[], cwd: string): Promise<GitResult> {
    return this.#options.git.run(args, { cwd, signal: this.#options.signal });
  }

  #git(args: string[]): Promise<GitResult> {
    return this.#run(args, this.directory);
  }

  async #must(args: string[]): Promise<GitResult> {
    const result = await this.#git(args);
    if (result.exitCode === 0) return result;
    throw await this.#failure(result, gitFailure(result, String(args[0])));
  }

  /** What a failed command is told as: a full disk where that is the reason, else `otherwise`. */
  async #failure(result: GitResult, otherwise: TurnFailure): Promise<TurnFailure> {
    if (/No space left on device|Disk quota exceeded/i.test(result.stderr)) return diskFull();
    // A checkout says no more than that it could not write, so the disk itself is asked.
    const probe = join(dirname(this.directory), "probe");
    try {
      await writeFile(probe, new Uint8Array(PROBE_BYTES));
      return otherwise;
    } catch (error) {
      return isDiskFull(error) ? diskFull() : otherwise;
    } finally {
      await rm(probe, { force: true });
    }
  }

  #retrying(args: string[], cwd: string): Promise<GitResult> {
    return retryGit(() => this.#run(args, cwd), this.#options);
  }
}

function gitFailure(result: GitResult, command: string): TurnFailure {
  return new TurnFailure(
    "worker_failed",
    `git ${command} failed in the sandbox: ${gitSentence(result.stderr)}`,
    "Look at what the agent did to the repository in the task's log, and run the task again.",
    true,
  );
}

function cloneFailure(result: GitResult, base: string): TurnFailure {
  if (/Remote branch .* not found/i.test(result.stderr)) {
    return new TurnFailure(
      "branch_not_found",
      `The branch ${base} is not in the repository.`,
      "Name a branch that exists, or leave it out to start from the default branch.",
      false,
    );
  }
  return new TurnFailure(
    "worker_failed",
    `The repository could not be cloned into the sandbox: ${gitSentence(result.stderr)}`,
    "Run the task again. If it happens again, look at the coordinator's log.",
    true,
  );
}
