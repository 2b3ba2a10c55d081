import Docker from "dockerode";

/** Where the engine's socket is, by `DOCKER_HOST` or by custom; null for an engine on another machine. */
export function engineSocket(env: Record<string, string | undefined>): string | null {
  const host = env.DOCKER_HOST;
  if (host === undefined || host === "") return "/var/run/docker.sock";
  return host.startsWith("unix://") ? host.slice("unix://".length) : null;
}

export type EngineProbe =
  | { status: "answers"; version: string; docker: Docker }
  /** There is no socket. */
  | { status: "absent" }
  /** A socket, and nobody behind it. */
  | { status: "refuses" }
  /** This user may not use it. */
  | { status: "denied" }
  | { status: "broken"; reason: string };

const PROBE_LIMIT_MS = 5_000;

export async function probeEngine(socketPath: string): Promise<EngineProbe> {
  const docker = new Docker({ socketPath });
  try {
    const { Version } = await within(docker.version(), PROBE_LIMIT_MS);
    return { status: "answers", version: Version, docker };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ENOENT") return { status: "absent" };
    if (code === "ECONNREFUSED") return { status: "refuses" };
    if (code === "EACCES" || code === "EPERM") return { status: "denied" };
    return { status: "broken", reason: error instanceof Error ? error.message.trim() : String(error) };
  }
}

async function within<T>(work: Promise<T>, limitMs: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${limitMs / 1000} s`)), limitMs);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
