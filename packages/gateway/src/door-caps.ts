/** Most of the gateway that one task may hold, whatever its sandbox leaves half done. */
export interface DoorCaps {
  /** Connections to one of the task's sockets at once: held requests, half-sent ones and idle ones. */
  maxConnections: number;
  /** Calls of git at once. Each is up to four processes. */
  maxGitCalls: number;
  /** How long a body may stop coming, and an answer of git's stop being taken. */
  stallMs: number;
  /** Memory that each process of git may take for a push, in bytes, where the machine can enforce it. */
  pushMemoryBytes: number;
  /** The same for a clone or fetch, which counts all objects of the repository. */
  fetchMemoryBytes: number;
}

export const DEFAULT_DOOR_CAPS: DoorCaps = {
  maxConnections: 64,
  maxGitCalls: 4,
  stallMs: 60_000,
  // A commit is held whole, and a megabyte of a push can be a commit of a gigabyte.
  pushMemoryBytes: 768 * 1024 ** 2,
  fetchMemoryBytes: 1536 * 1024 ** 2,
};
