/** Most of the gateway that one task may hold, whatever its sandbox leaves half done. */
export interface DoorCaps {
  /** Connections to one of the task's sockets at once: held requests, half-sent ones and idle ones. */
  maxConnections: number;
  /** Calls of git at once. Each is up to four processes. */
  maxGitCalls: number;
  /** How long a body may stop coming, and an answer of git's stop being taken. */
  stallMs: number;
  /** Memory that each process of git may take for itself, in bytes, where the machine can enforce it. */
  gitMemoryBytes: number;
}

export const DEFAULT_DOOR_CAPS: DoorCaps = {
  maxConnections: 64,
  maxGitCalls: 4,
  stallMs: 60_000,
  // Counting a million objects takes 300 MB; a commit is held whole.
  gitMemoryBytes: 768 * 1024 ** 2,
};
