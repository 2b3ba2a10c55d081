import { containerOptions } from "../../../packages/coordinator/src/sandbox/docker-container.ts";
import { demultiplex } from "../../../packages/coordinator/src/sandbox/docker-log.ts";
import { needed } from "./world.ts";

const socket = (process.env.DOCKER_HOST ?? "unix:///var/run/docker.sock").replace(/^unix:\/\//, "");

async function call(method: string, path: string, body?: object): Promise<Response> {
  const answer = await fetch(`http://docker${path}`, {
    method,
    unix: socket,
    ...(body ? { body: JSON.stringify(body), headers: { "content-type": "application/json" } } : {}),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer;
}

/**
 * Runs a shell script in the worker's image behind the walls that the driver puts around a worker, with nothing of a
 * task's in it, and gives what it prints.
 *
 * @param options.withoutSeccomp takes one wall away, for a control run
 */
export async function runWalled(script: string, options: { withoutSeccomp?: boolean } = {}): Promise<string> {
  const { HostConfig, ...container } = containerOptions(
    {
      instanceId: "e2e",
      name: `farhand-e2e-walled-${crypto.randomUUID()}`,
      image: needed("FARHAND_WORKER_IMAGE"),
      workerBinaryPath: needed("FARHAND_WORKER_BINARY"),
      logDriver: "local",
    },
    {
      taskId: "t_walled",
      attempt: 1,
      token: "none",
      socketDirectory: "/nowhere",
      socketName: "none",
      limits: { memoryBytes: 1024 ** 3, cpus: 2, pids: 256 },
    },
  );
  const walls = HostConfig?.SecurityOpt ?? [];
  const changed = {
    ...HostConfig,
    SecurityOpt: options.withoutSeccomp
      ? walls.map((it: string) => (it.startsWith("seccomp=") ? "seccomp=unconfined" : it))
      : walls,
    Mounts: (HostConfig?.Mounts ?? []).filter(({ Target }) => Target === "/opt/farhand/worker"),
    Tmpfs: { ...HostConfig?.Tmpfs, "/workspace": "rw,exec,nosuid,nodev,uid=10001,gid=10001" },
  };
  const { name, ...rest } = container;
  const path = `/containers/${name}`;
  await call("POST", `/containers/create?name=${name}`, {
    ...rest,
    Labels: {},
    Entrypoint: ["bash", "-c", script],
    Env: ["HOME=/workspace"],
    HostConfig: changed,
  });
  try {
    await call("POST", `${path}/start`);
    // The head of this answer comes at once, its body at the end.
    await (await call("POST", `${path}/wait`)).text();
    const logs = await call("GET", `${path}/logs?stdout=1&stderr=1`);
    return new TextDecoder().decode(demultiplex(new Uint8Array(await logs.arrayBuffer())));
  } finally {
    await call("DELETE", `${path}?force=1&v=1`);
  }
}
