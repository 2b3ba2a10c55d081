import { command } from "./command.ts";
import { until } from "./until.ts";

/** Processes, mounts and network of their own: what is started in there is seen by nobody else and ends with it. */
export interface Namespace extends AsyncDisposable {
  /** Starts a program in there whose output goes to a file. */
  spawn(argv: string[], logPath: string): Bun.Subprocess;
  /** Sends a signal to a process in there, by its number in there. */
  signal(pid: number, signal: "KILL" | "TERM"): Promise<void>;
}

/**
 * Opens a namespace. It ends when it is disposed of, or when this process dies in whatever way. The mounts are a copy:
 * what the host mounts later is not in it.
 *
 * @throws Error where this process may not do that
 */
export async function openNamespace(): Promise<Namespace> {
  const init = Bun.which("docker-init") ?? Bun.which("tini");
  if (init === null) throw new Error("neither docker-init nor tini is installed");
  const unshare = "unshare --pid --fork --kill-child --mount-proc --net --mount".split(" ");
  const holder = Bun.spawn(["setpriv", "--pdeathsig", "KILL", ...unshare, init, "--", "sleep", "infinity"], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  const children = `/proc/${holder.pid}/task/${holder.pid}/children`;
  const first = await until("the namespace", 5000, async () => {
    if (holder.exitCode !== null) throw new Error("a namespace of its own is not allowed here");
    return (await Bun.file(children).text()).trim() || null;
  });
  const enter = ["nsenter", "--target", first, "--pid", "--net", "--mount"];
  await until("the namespace's own view of its processes", 5000, () =>
    command(...enter, "ip", "link", "set", "lo", "up").then(
      () => true,
      () => null,
    ),
  );
  return {
    spawn(argv, logPath) {
      const log = Bun.file(logPath);
      return Bun.spawn([...enter, ...argv], { stdin: "ignore", stdout: log, stderr: log });
    },
    async signal(pid, signal) {
      await command(...enter, "kill", `-${signal}`, String(pid));
    },
    async [Symbol.asyncDispose]() {
      // The first process of a namespace takes all others along.
      process.kill(Number(first), "SIGKILL");
      await holder.exited;
    },
  };
}
