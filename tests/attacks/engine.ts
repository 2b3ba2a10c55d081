import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { command } from "../faults/command.ts";
import { dataRootFor, loadImage } from "../faults/image-cache.ts";
import { until } from "../faults/until.ts";

const START_LIMIT_MS = 30_000;

/** The engine's own address on the bridge of containers that have one: the way from a control to the targets. */
export const BRIDGE = { v4: "10.66.0.1", v6: "fd66::1" } as const;

export interface Ran {
  exitCode: number;
  output: string;
}

/** A Docker engine of the suite's own, in the namespace of the suite. */
export interface Engine extends AsyncDisposable {
  socketPath: string;
  call(method: string, path: string, body?: unknown): Promise<Response>;
  json<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** Runs a shell script in a container. The output is cut at 8 MiB. */
  exec(container: string, script: string, options?: { user?: string; limitMs?: number }): Promise<Ran>;
}

/**
 * Starts containerd and dockerd with the image in them. Their bridge leads to this namespace and no further.
 *
 * @param options.folder for sockets and state, with a short path
 * @param options.cache keeps the image between runs
 */
export async function startEngine(options: {
  folder: string;
  cache: string;
  image: string;
}): Promise<Engine> {
  const { folder } = options;
  const containerdSocket = join(folder, "containerd.sock");
  await mkdir(join(folder, "containerd"), { recursive: true });
  await Bun.write(
    join(folder, "containerd.toml"),
    `version = 2
root = "${folder}/containerd/root"
state = "${folder}/containerd/state"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
[grpc]
  address = "${containerdSocket}"
`,
  );
  const containerd = spawn(["containerd", "--config", join(folder, "containerd.toml")], folder);
  await until("containerd", START_LIMIT_MS, async () => {
    await demandAlive(containerd, folder, "containerd");
    const isThere = await command("test", "-S", containerdSocket).then(
      () => true,
      () => false,
    );
    return isThere || null;
  });
  const dataRoot = await dataRootFor(options.cache, options.image);
  const socketPath = join(folder, "docker.sock");
  const argv = ["dockerd", "--containerd", containerdSocket, "--data-root", dataRoot];
  argv.push("--exec-root", join(folder, "exec"), "--pidfile", join(folder, "docker.pid"));
  argv.push("--host", `unix://${socketPath}`, "--storage-driver=overlay2");
  argv.push("--cgroup-parent", `/${cgroupName()}`);
  // The bridge leads nowhere: there is nothing to filter or to hide.
  argv.push("--iptables=false", "--ip-masq=false", `--bip=${BRIDGE.v4}/24`);
  argv.push("--ipv6", "--fixed-cidr-v6=fd66::/64");
  const daemon = spawn(argv, folder);
  const engine = createEngine(socketPath, async () => {
    await clear(engine).catch(() => undefined);
    daemon.kill("SIGTERM");
    await Promise.race([daemon.exited, Bun.sleep(10_000)]);
    containerd.kill("SIGTERM");
    await Promise.race([containerd.exited, Bun.sleep(3000)]);
    const groups = `find /sys/fs/cgroup -mindepth 1 -depth -type d -path '*${cgroupName()}*' -exec rmdir {} +`;
    await until("the control groups", 3000, () =>
      command("sh", "-c", groups).then(
        () => true,
        () => null,
      ),
    ).catch(() => undefined);
  });
  await until("the engine", START_LIMIT_MS, async () => {
    await demandAlive(daemon, folder, "dockerd");
    return engine.call("GET", "/_ping").then(
      ({ ok }) => ok || null,
      () => null,
    );
  });
  await loadImage(socketPath, options.image);
  // A run that was killed leaves its containers in the cache.
  await clear(engine);
  return engine;
}

const cgroupName = () => `farhand-attacks-${process.env.FARHAND_ATTACKS_RUN ?? process.pid}`;

function spawn(argv: string[], folder: string): Bun.Subprocess {
  const log = Bun.file(join(folder, `${argv[0]}.log`));
  return Bun.spawn(argv, { stdin: "ignore", stdout: log, stderr: log });
}

async function demandAlive(child: Bun.Subprocess, folder: string, name: string): Promise<void> {
  if (child.exitCode === null) return;
  const log = await Bun.file(join(folder, `${name}.log`)).text();
  throw new Error(`${name} ended: ${log.slice(-2000)}`);
}

async function clear(engine: Engine): Promise<void> {
  for (const { Id } of await engine.json<{ Id: string }[]>("GET", "/containers/json?all=1"))
    await engine.call("DELETE", `/containers/${Id}?force=1&v=1`);
  const { Volumes } = await engine.json<{ Volumes: { Name: string }[] | null }>("GET", "/volumes");
  for (const { Name } of Volumes ?? []) await engine.call("DELETE", `/volumes/${Name}?force=1`);
}

function createEngine(socketPath: string, stop: () => Promise<void>): Engine {
  const engine: Engine = {
    socketPath,
    call(method, path, body) {
      return fetch(`http://docker${path}`, {
        method,
        unix: socketPath,
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
      });
    },
    async json<T>(method: string, path: string, body?: unknown): Promise<T> {
      const answer = await engine.call(method, path, body);
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      return (await answer.json()) as T;
    },
    async exec(container, script, { user, limitMs = 60_000 } = {}) {
      const { Id } = await engine.json<{ Id: string }>("POST", `/containers/${container}/exec`, {
        Cmd: ["/bin/bash", "-c", script],
        AttachStdout: true,
        AttachStderr: true,
        ...(user === undefined ? {} : { User: user }),
      });
      const answer = await fetch(`http://docker/exec/${Id}/start`, {
        method: "POST",
        unix: socketPath,
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ Detach: false, Tty: false }),
        signal: AbortSignal.timeout(limitMs),
      });
      const output = await readOutput(answer);
      const { ExitCode } = await engine.json<{ ExitCode: number | null }>("GET", `/exec/${Id}/json`);
      return { exitCode: ExitCode ?? -1, output };
    },
    [Symbol.asyncDispose]: stop,
  };
  return engine;
}

const OUTPUT_MAX_BYTES = 8 * 1024 ** 2;

/** Takes the engine's frames apart: 8 bytes of header, the last four of which are the length of what follows. */
async function readOutput(answer: Response): Promise<string> {
  const bytes = new Uint8Array(await answer.arrayBuffer());
  if (!answer.ok) throw new Error(`exec: ${answer.status} ${new TextDecoder().decode(bytes)}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pieces: Uint8Array[] = [];
  let held = 0;
  for (let at = 0; at + 8 <= bytes.length && held < OUTPUT_MAX_BYTES; ) {
    const size = view.getUint32(at + 4);
    pieces.push(bytes.subarray(at + 8, at + 8 + size));
    held += size;
    at += 8 + size;
  }
  return new TextDecoder().decode(Buffer.concat(pieces));
}
