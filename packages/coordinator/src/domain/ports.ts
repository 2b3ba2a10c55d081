/** What the task's life needs of the world. Technology folders implement these; `main.ts` joins them. */
import type { BranchList, FileNode, FileSearch, ForgeKind, TaskDiff } from "@farhand/protocol";

export interface Clock {
  now(): Date;
}

// ---- sandbox ---------------------------------------------------------------------------------------------

export interface SandboxLimits {
  memoryBytes: number;
  /** Whole or part processors: 1.5 is one and a half. */
  cpus: number;
  /** Most processes and threads at once. */
  pids: number;
}

export interface SandboxSpec {
  taskId: string;
  attempt: number;
  /** Attempt token for the gateway. Not a secret of the user. */
  token: string;
  /** Host folder with the gateway's socket in it; mounted read-only, as a folder. */
  socketDirectory: string;
  /** Name of the socket file inside that folder. */
  socketName: string;
  limits: SandboxLimits;
  /** What {@link SandboxDriver.setUp} gave, in place of the driver's own image. */
  image?: string;
}

/**
 * A repository's own preparation of the system that its tasks run in. Its token and socket open the way to the network
 * and nothing else.
 */
export interface SetupSpec extends SandboxSpec {
  /** Text of the script, from the base commit. */
  script: string;
  /** Secrets of the repository. They are given to the script alone. */
  environment: Readonly<Record<string, string>>;
  /** Those who share this may share the outcome: a user and a repository of theirs. */
  scope: string;
  limitMs: number;
}

export interface SetupResult {
  /** For the sandbox's `image`; null when the script failed. */
  image: string | null;
  /** An earlier run of the same script was taken. */
  isCached: boolean;
  exitCode: number;
  /** The last lines that it printed, without the secrets. */
  tail: string;
}

/** Names one sandbox for the life of the machine: deterministic from instance, task and attempt. */
export interface SandboxRef {
  taskId: string;
  attempt: number;
  /** Container name, or the process driver's own name for it. */
  name: string;
}

export interface SandboxExit {
  /** Null when it was removed or lost before it could tell. */
  exitCode: number | null;
  /** The kernel killed something in it for want of memory. It may have been a child only. */
  outOfMemory: boolean;
  /** Last lines of standard output and error, at most 8 KiB. */
  tail: string;
}

export type DriverHealth = { ok: true; detail: string } | { ok: false; detail: string; action: string };

/**
 * One way to run workers. Every driver passes the same conformance suite. Methods throw `FarhandError` with
 * `sandbox_unavailable` when the engine does not answer and `image_missing` when the image is not there.
 */
export interface SandboxDriver {
  readonly kind: "docker" | "process";
  /** False where a worker could reach the host's files and network. */
  readonly isolated: boolean;
  check(): Promise<DriverHealth>;
  /** Whether the engine answers at all, for watching over sandboxes that run. Never rejects. */
  ping(): Promise<boolean>;
  /**
   * Runs a setup script as root, with the few rights that package managers need, and keeps what it did to the system.
   * Throws `setup_failed` for one that takes too long or writes too much, and the signal's reason. Null where a driver
   * has no system of its own to set up.
   */
  readonly setUp: ((spec: SetupSpec, signal: AbortSignal) => Promise<SetupResult>) | null;
  /** Starts a sandbox; leaves nothing behind if it fails. */
  start(spec: SandboxSpec): Promise<SandboxRef>;
  /** Resolves when the worker has ended, also when the sandbox is gone or was never there. */
  wait(ref: SandboxRef, signal: AbortSignal): Promise<SandboxExit>;
  /** SIGTERM, and SIGKILL after `graceMs`. Does nothing to a sandbox that has ended. */
  stop(ref: SandboxRef, graceMs: number): Promise<void>;
  /** Removes the sandbox with its volumes, running or not. Does nothing where there is none. */
  remove(ref: SandboxRef): Promise<void>;
  /** All sandboxes of this coordinator, ended ones too. */
  list(): Promise<SandboxRef[]>;
}

// ---- repositories ----------------------------------------------------------------------------------------

/** How to reach the remote. The credential goes to git through its environment, never its arguments. */
export interface Remote {
  /** URL or absolute path without a credential. */
  url: string;
  credential: { username: string; password: string } | null;
  /**
   * The IP address to connect to in place of asking for the host's again; no redirect is followed then. Set for users
   * who may not reach this server's own networks.
   */
  connectTo?: string;
}

export interface PreparedRepository {
  baseBranch: string;
  baseCommit: string;
}

export interface DiffStats {
  filesChanged: number;
  insertions: number;
  deletions: number;
}

/** The checkpoints that a task's repository holds. */
export interface Checkpoints {
  live: string | null;
  /** Number of the turn → commit. */
  turns: ReadonlyMap<number, string>;
}

/** What of some paths two commits, and those between them, have to do with. */
export interface Touched {
  /** Differ between the two. */
  differing: string[];
  /** Are the same in both, and were changed on the way. */
  takenBack: string[];
  /** Whether the second has the first in its past. */
  follows: boolean;
}

/** Bare repositories that the coordinator owns. Nothing in here ever runs what a repository contains. */
export interface Repositories {
  /**
   * Fetches the mirror and makes the task's bare repository with the base branch in it. Idempotent; does not ask the
   * remote again once the repository is there. Throws `repository_*`, `branch_not_found`, `disk_full`.
   */
  prepare(
    task: { id: string; userId: string; branch: string; baseBranch: string | null },
    remote: Remote,
    signal: AbortSignal,
  ): Promise<PreparedRepository>;
  /**
   * Makes the repository of a new task from one that is there: the same base, and what `commit` needs, kept under
   * `refs/farhand/restore`. Idempotent. Throws `removed` where the source's repository is gone, `disk_full`.
   */
  fork(sourceTaskId: string, taskId: string, commit: string): Promise<PreparedRepository>;
  /** Path of the task's bare repository, for the gateway to serve. */
  taskPath(taskId: string): string;
  /** Commit at the tip of a branch of the task's repository, or null. */
  tip(taskId: string, branch: string): Promise<string | null>;
  checkpoints(taskId: string): Promise<Checkpoints>;
  /** Keeps `commit` as the checkpoint of the turn's end. */
  keepTurn(taskId: string, turn: number, commit: string): Promise<void>;
  /** Puts `commit` under `refs/farhand/restore` for the next worker; null takes the ref away. */
  offerRestore(taskId: string, commit: string | null): Promise<void>;
  /** Whether the repository holds this commit. */
  has(taskId: string, commit: string): Promise<boolean>;
  stats(taskId: string, from: string, to: string): Promise<DiffStats>;
  /**
   * Which of some files, or of what is in some folders, differ between two commits or were changed by any commit in
   * between; a few of them where they are many. The case of names does not matter.
   */
  touched(taskId: string, from: string, to: string, paths: readonly string[]): Promise<Touched>;
  /**
   * One commit with the files of `to` that follows `from` and nothing else, in place of all that lie between them. The
   * same two always give the same one; `from` itself where the files are the same. It is kept until the next one.
   */
  squash(taskId: string, from: string, to: string): Promise<string>;
  /** What changed between two commits; of one path (a file or a folder) when named. Throws `not_found` for a path in neither. */
  changes(
    taskId: string,
    from: string,
    to: string,
    path: string | null,
  ): Promise<Omit<TaskDiff, "from" | "to">>;
  /**
   * A folder, file, link or submodule at a path of a commit; `""` is the root. Throws `not_found`, and
   * `invalid_request` for a path that no tree can hold (`..`, a leading slash, an empty part, NUL).
   */
  node(taskId: string, commit: string, path: string): Promise<FileNode>;
  /**
   * Lines of the commit's text files that hold a text, within bounds of lines, bytes, memory and time; what ends early is
   * `truncated`. Searches of one task take turns. Throws the signal's reason.
   */
  search(taskId: string, commit: string, text: string, signal: AbortSignal): Promise<FileSearch>;
  /** A file's bytes, streamed. Throws as `node` does, and `invalid_request` for what is no file. */
  raw(
    taskId: string,
    commit: string,
    path: string,
    signal: AbortSignal,
  ): Promise<{ sizeBytes: number; isBinary: boolean; body: ReadableStream<Uint8Array> }>;
  /**
   * Pushes a commit of the task's repository to a branch of the remote, never forced. Does nothing when the remote
   * has the commit already. Throws `push_refused`, `branch_exists`, `repository_*`, or the signal's reason.
   */
  publish(
    taskId: string,
    work: { branch: string; commit: string },
    remote: Remote,
    signal: AbortSignal,
  ): Promise<void>;
  /** The branches that a remote has; nothing is fetched. Throws `repository_*`. */
  branches(remote: Remote, signal: AbortSignal): Promise<BranchList>;
  /** Bytes that the task's repository takes on the disk, without what it borrows; 0 where there is none. */
  sizeBytes(taskId: string): Promise<number>;
  /** Removes what no ref of the task's repository leads to and what was made more than ten minutes ago. */
  tidy(taskId: string): Promise<void>;
  /** Removes the task's repository. */
  remove(taskId: string): Promise<void>;
}

// ---- forge -----------------------------------------------------------------------------------------------

export interface PullRequest {
  url: string;
  number: number;
  existed: boolean;
}

export interface Forge {
  readonly kind: ForgeKind;
  /** Whether this forge hosts that repository. */
  hosts(repository: string): boolean;
  remote(repository: string): Remote;
  /**
   * Opens the task's pull request, or finds the one with the same head, open or not: a task has one and no second.
   * Null where the forge has none.
   * Throws `pull_request_failed`, or the signal's reason.
   */
  openPullRequest(
    request: {
      repository: string;
      head: string;
      base: string;
      title: string;
      body: string;
    },
    signal: AbortSignal,
  ): Promise<PullRequest | null>;
}
