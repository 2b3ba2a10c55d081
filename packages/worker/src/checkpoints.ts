import { copyFile, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { LIVE_REF, turnRef, type WorkerEvent } from "@farhand/protocol";
import { type Sleep, sleep as wait } from "./backoff.ts";
import { type Git, type GitResult, gitSentence, retryGit } from "./git.ts";

/** A state of the work tree that is in the task's repository. */
export interface Saved {
  /** Git's tree object of all its files. */
  tree: string;
  /** The commit that was checked out; null when there was none. */
  head: string | null;
  /** The checkpoint that holds it; null for what was cloned. */
  commit: string | null;
}

export interface CheckpointsOptions {
  /** Folder of the clone. */
  directory: string;
  /** URL of the task's repository. */
  repositoryUrl: string;
  git: Git;
  turn: number;
  /** The work is saved this often while it goes on. */
  everyMs: number;
  /** What is saved already. */
  saved: Saved;
  /** Takes an event also where the disk has no room for it. */
  report(event: WorkerEvent): void;
  sleep: Sleep;
  random: () => number;
}

/**
 * Saves the whole work tree, with what is not committed, as a commit of its own in the task's repository. Made with an
 * index of its own, so that neither HEAD nor the agent's index, nor a lock on it, has to do with it. What goes wrong
 * is told as a notice and ends nothing.
 */
export class Checkpoints {
  readonly #options: CheckpointsOptions;
  readonly #index: string;
  #saved: Saved;
  #hasWarned = false;

  constructor(options: CheckpointsOptions) {
    this.#options = options;
    this.#index = join(options.directory, ".git", "farhand-index");
    this.#saved = options.saved;
  }

  get saved(): Saved {
    return this.#saved;
  }

  /** Saves what has changed from time to time while `work` goes on. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const stop = new AbortController();
    const saving = this.#saveRegularly(stop.signal);
    try {
      return await work();
    } finally {
      stop.abort(new Error("the work is done"));
      await saving;
    }
  }

  /** Saves what has changed, if that takes no longer than `limitMs`. */
  async saveNow(limitMs: number): Promise<void> {
    await this.#attempt(false, { signal: new AbortController().signal, limitMs });
  }

  /**
   * Saves how the turn ends, changed or not. When `signal` aborts, nothing is said about it.
   *
   * @param limitMs longest that it may take; null for as long as git takes.
   */
  async saveFinal(signal: AbortSignal, limitMs: number | null): Promise<void> {
    await this.#attempt(true, { signal, limitMs });
  }

  async #saveRegularly(signal: AbortSignal): Promise<void> {
    for (;;) {
      // In real time, however the retries of a test are timed.
      await wait(this.#options.everyMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      await this.#attempt(false, { signal, limitMs: null });
    }
  }

  async #attempt(isFinal: boolean, end: { signal: AbortSignal; limitMs: number | null }): Promise<void> {
    if (end.signal.aborted) return;
    const limit = end.limitMs === null ? null : AbortSignal.timeout(end.limitMs);
    const signal = limit === null ? end.signal : AbortSignal.any([end.signal, limit]);
    let commit: string | null;
    try {
      commit = await this.#save(isFinal, signal);
    } catch (error) {
      if (end.signal.aborted) return;
      const reason = limit?.aborted
        ? `it took longer than ${Number(end.limitMs) / 1000} seconds`
        : text(error);
      this.#warn(isFinal, reason);
      return;
    }
    if (commit === null) return;
    const { turn, report } = this.#options;
    report({ type: "checkpoint.saved", turn, commit, isFinal });
  }

  #warn(isFinal: boolean, reason: string): void {
    // One word about the live ones is enough: they are tried again and again.
    if (this.#hasWarned && !isFinal) return;
    this.#hasWarned = true;
    const what = isFinal ? "The files at the turn's end" : "The files as they are now";
    const message = `${what} could not be saved as a checkpoint: ${reason}`;
    this.#options.report({ type: "notice", level: "warning", code: "checkpoint_failed", message });
  }

  /** @returns the checkpoint that was pushed, or null when there was nothing to save. */
  async #save(isFinal: boolean, signal: AbortSignal): Promise<string | null> {
    const { repositoryUrl, turn, sleep, random } = this.#options;
    const { tree, head } = await this.#snapshot(signal);
    const isSaved = tree === this.#saved.tree && head === this.#saved.head;
    if (isSaved && !isFinal) return null;
    const commit = (isSaved ? this.#saved.commit : null) ?? (await this.#commit(tree, head, signal));
    const ref = isFinal ? turnRef(turn) : LIVE_REF;
    const args = ["push", "--quiet", "--no-verify", repositoryUrl, `+${commit}:${ref}`];
    const push = () => this.#git(args, signal);
    // A live one is tried again in its next turn anyway.
    const pushed = isFinal ? await retryGit(push, { sleep, random, signal }) : await push();
    expectSuccess(pushed);
    this.#saved = { tree, head, commit };
    return commit;
  }

  async #commit(tree: string, head: string | null, signal: AbortSignal): Promise<string> {
    const parent = head === null ? [] : ["-p", head];
    const message = `Checkpoint of turn ${this.#options.turn}`;
    return expectSuccess(await this.#git(["commit-tree", tree, ...parent, "-m", message], signal));
  }

  async #snapshot(signal: AbortSignal): Promise<{ tree: string; head: string | null }> {
    await this.#copyIndex();
    const env = { GIT_INDEX_FILE: this.#index };
    const settings = ["-c", "core.safecrlf=false", "-c", "advice.addEmbeddedRepo=false"];
    const added = await this.#git([...settings, "add", "--all", "--ignore-errors"], signal, env);
    // 1: some file could not be read. The others are there.
    if (added.exitCode !== 1) expectSuccess(added);
    const tree = expectSuccess(await this.#git(["write-tree"], signal, env));
    const head = await this.#git(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], signal);
    // 1: nothing is committed yet.
    return { tree, head: head.exitCode === 1 ? null : expectSuccess(head) };
  }

  /**
   * Begins with the agent's index, which knows what is tracked though it is ignored, and which files git need not read
   * again. Git replaces that file as a whole, so a copy is never half of one.
   */
  async #copyIndex(): Promise<void> {
    const source = join(this.#options.directory, ".git", "index");
    // Left behind by a git that ran out of time.
    await rm(`${this.#index}.lock`, { force: true });
    try {
      const { mtimeMs } = await stat(source);
      await copyFile(source, this.#index);
      // A file that is as new as its index is read again. The copy must not look newer than the original.
      const seconds = Math.floor(mtimeMs - 1) / 1000;
      await utimes(this.#index, seconds, seconds);
    } catch (error) {
      if (!isMissing(error)) throw error;
      await rm(this.#index, { force: true });
    }
  }

  #git(args: string[], signal: AbortSignal, env: Record<string, string> = {}): Promise<GitResult> {
    return this.#options.git.run(args, { cwd: this.#options.directory, signal, env });
  }
}

/** @returns what git printed. */
function expectSuccess(result: GitResult): string {
  if (result.exitCode !== 0) throw new Error(gitSentence(result.stderr));
  return result.stdout.trim();
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
