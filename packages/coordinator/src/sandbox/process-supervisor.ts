import { spawn } from "node:child_process";
import { once } from "node:events";

/** The files that a supervisor keeps in its sandbox's folder. */
export const SupervisorFile = {
  /** The shell's own line of the process table: who it is, also after the coordinator restarted. */
  stat: "stat",
  /** The worker's exit code, as a shell counts: 128 and the signal's number when one ended it. */
  exit: "exit",
  /** The end of what the worker printed; written when the last writer is gone. */
  tail: "tail",
} as const;

const KEPT_OUTPUT_BYTES = 16 * 1024;

/**
 * Outlives the coordinator, so that a worker does too. $1 is the folder, $2 the worker. The shells wait out a
 * SIGTERM that is meant for the worker, and `tail` keeps the end of the output only, however much there is.
 */
const SCRIPT = `
trap : TERM HUP INT
cat "/proc/$$/stat" >"$1/${SupervisorFile.stat}.new" && mv "$1/${SupervisorFile.stat}.new" "$1/${SupervisorFile.stat}"
(
  trap : TERM HUP INT
  "$2" </dev/null
  echo $? >"$1/${SupervisorFile.exit}.new"
  mv "$1/${SupervisorFile.exit}.new" "$1/${SupervisorFile.exit}"
) 2>&1 | (
  trap '' TERM HUP INT
  exec tail -c ${KEPT_OUTPUT_BYTES} >"$1/${SupervisorFile.tail}"
)
`;

/** Starts a worker under a supervising shell in a session of its own. Throws when there is no shell to be had. */
export async function spawnSupervisor(options: {
  folder: string;
  workerBinaryPath: string;
  workspace: string;
  env: Record<string, string>;
}): Promise<void> {
  const child = spawn(
    "/bin/sh",
    ["-c", SCRIPT, "farhand-sandbox", options.folder, options.workerBinaryPath],
    {
      cwd: options.workspace,
      env: options.env,
      stdio: "ignore",
      // A new session: signals for the coordinator's terminal do not reach it.
      detached: true,
    },
  );
  await once(child, "spawn");
  child.unref();
}
