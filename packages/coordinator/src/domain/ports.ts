/** What the task's life needs of the world. Technology folders implement these; `main.ts` joins them. */
import type { ForgeKind } from "@farhand/protocol";

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

/** Bare repositories that the coordinator owns. Nothing in here ever runs what a repository contains. */
export interface Repositories {
  /**
   * Fetches the mirror and makes the task's bare repository with the base branch in it. Idempotent.
   * Throws `repository_*`, `branch_not_found`, `disk_full`.
   */
  prepare(
    task: { id: string; userId: string; branch: string; baseBranch: string | null },
    remote: Remote,
    signal: AbortSignal,
  ): Promise<PreparedRepository>;
  /** Path of the task's bare repository, for the gateway to serve. */
  taskPath(taskId: string): string;
  /** Commit at the tip of a branch of the task's repository, or null. */
  tip(taskId: string, branch: string): Promise<string | null>;
  stats(taskId: string, from: string, to: string): Promise<DiffStats>;
  /** The unified diff between two commits, cut off after `maxBytes`. */
  diff(
    taskId: string,
    from: string,
    to: string,
    maxBytes: number,
  ): Promise<{ text: string; truncated: boolean }>;
  /**
   * Pushes the branch from the task's repository to the remote, never forced. Does nothing when the remote has
   * the commit already. Throws `push_refused`, `branch_exists`, `repository_*`.
   */
  publish(taskId: string, branch: string, remote: Remote): Promise<void>;
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
   * Opens the task's pull request, or finds the open one with the same head. Null where the forge has none.
   * Throws `pull_request_failed`.
   */
  openPullRequest(request: {
    repository: string;
    head: string;
    base: string;
    title: string;
    body: string;
  }): Promise<PullRequest | null>;
}
