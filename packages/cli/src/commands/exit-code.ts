/** Exit codes of every command. */
export const ExitCode = {
  ok: 0,
  /** The task, a test or a check failed. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The coordinator could not be reached or started. */
  unreachable: 3,
  /** Stopped by the user. 128 + SIGINT, as shells have it. */
  interrupted: 130,
} as const;
