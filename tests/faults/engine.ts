import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { command } from "./command.ts";
import { dataRootFor, loadImage } from "./image-cache.ts";
import { type Namespace, openNamespace } from "./namespace.ts";
import { until } from "./until.ts";

/** A container that the engine has, with the task that its labels name. */
export interface FoundContainer {
  id: string;
  taskId: string;
  isRunning: boolean;
}

/** A Docker engine of the suite's own, apart from the machine's, which can be killed and started again. */
export interface OwnEngine extends AsyncDisposable {
  socketPath: string;
  /** SIGKILL, as a crash. The containers go on: their supervisor is another process. */
  kill(): Promise<void>;
  /** Starts it after a kill. With live restore it takes its containers over, without it ends them. */
  start(options: { liveRestore: boolean }): Promise<void>;
  containers(): Promise<FoundContainer[]>;
  volumes(): Promise<string[]>;
  killContainer(id: string): Promise<void>;
  removeContainer(id: string): Promise<void>;
  /** SIGKILL to the worker alone, past the engine and the container's first process. False when it has none. */
  killWorkerIn(id: string): Promise<boolean>;
  /** Starts it if it is down, and removes all that is in it but the image. */
  reset(): Promise<void>;
}

const START_LIMIT_MS = 20_000;

/**
 * Starts the engine with the image of that name in it.
 *
 * @param options.folder for sockets and state, with a short path, removed by the caller
 * @param options.cache keeps the image between runs
 * @param options.files files of the machine that are to read otherwise in there, by path
 * @param options.settings what the engine's `daemon.json` holds
 */
export async function startEngine(options: {
  folder: string;
  cache: string;
  image: string;
  files?: Readonly<Record<string, string>>;
  settings?: object;
}): Promise<OwnEngine> {
  const { folder } = options;
  const namespace = await openNamespace();
  try {
    await Bun.write(join(folder, "daemon.json"), JSON.stringify(options.settings ?? {}));
    for (const [path, text] of Object.entries(options.files ?? {})) {
      const copy = join(folder, path.replaceAll("/", "_"));
      await Bun.write(copy, text);
      const mounting = namespace.spawn(["mount", "--bind", copy, path], join(folder, "mount.log"));
      if ((await mounting.exited) !== 0) throw new Error(`${path} could not be covered`);
    }
    await mkdir(join(folder, "containerd"), { recursive: true });
    await startContainerd(namespace, folder);
    const dataRoot = await dataRootFor(options.cache, options.image);
    const engine = new Engine(namespace, folder, dataRoot);
    await engine.start({ liveRestore: false });
    await loadImage(engine.socketPath, options.image);
    await engine.reset();
    return engine;
  } catch (error) {
    await namespace[Symbol.asyncDispose]();
    throw error;
  }
}

async function startContainerd(namespace: Namespace, folder: string): Promise<void> {
  const config = join(folder, "containerd.toml");
  await Bun.write(
    config,
    `version = 2
root = "${folder}/containerd/root"
state = "${folder}/containerd/state"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
[grpc]
  address = "${folder}/containerd.sock"
`,
  );
  const child = namespace.spawn(["containerd", "--config", config], join(folder, "containerd.log"));
  await until("containerd", START_LIMIT_MS, async () => {
    if (child.exitCode !== null)
      throw new Error(`containerd ended: ${await Bun.file(join(folder, "containerd.log")).text()}`);
    return (await command("sh", "-c", `test -S '${folder}/containerd.sock' && echo yes || true`)) || null;
  });
}

class Engine implements OwnEngine {
  readonly socketPath: string;
  readonly #namespace: Namespace;
  readonly #folder: string;
  readonly #dataRoot: string;
  /** Containers' control groups hang below a group of their own, so that what is left of them can be found. */
  readonly #cgroup = `/farhand-faults-${process.pid}`;
  #daemon: Bun.Subprocess | null = null;
  #starts = 0;

  constructor(namespace: Namespace, folder: string, dataRoot: string) {
    this.#namespace = namespace;
    this.#folder = folder;
    this.#dataRoot = dataRoot;
    this.socketPath = join(folder, "docker.sock");
  }

  async start({ liveRestore }: { liveRestore: boolean }): Promise<void> {
    const folder = this.#folder;
    // The number in it means nothing after a kill, and may be another process by now.
    await rm(this.#pidFile, { force: true });
    this.#starts += 1;
    const log = join(folder, `dockerd-${this.#starts}.log`);
    const argv = ["dockerd", "--containerd", join(folder, "containerd.sock"), "--data-root", this.#dataRoot];
    argv.push("--exec-root", join(folder, "exec"), "--pidfile", this.#pidFile);
    argv.push("--config-file", join(folder, "daemon.json"));
    argv.push("--host", `unix://${this.socketPath}`, "--cgroup-parent", this.#cgroup);
    // Workers have no network. Bridges and rules in the namespace would only take time.
    argv.push("--bridge=none", "--iptables=false", "--ip-masq=false", "--storage-driver=overlay2");
    const daemon = this.#namespace.spawn([...argv, `--live-restore=${liveRestore}`], log);
    this.#daemon = daemon;
    await until("the engine", START_LIMIT_MS, async () => {
      if (daemon.exitCode !== null) throw new Error(`dockerd ended: ${await tailOf(log)}`);
      return this.#call("GET", "/_ping").then(
        ({ ok }) => ok || null,
        () => null,
      );
    });
  }

  async kill(): Promise<void> {
    const daemon = this.#daemon;
    if (daemon === null) return;
    this.#daemon = null;
    await this.#namespace.signal(Number(await Bun.file(this.#pidFile).text()), "KILL");
    await daemon.exited;
  }

  async containers(): Promise<FoundContainer[]> {
    const found = (await this.#json("GET", "/containers/json?all=1")) as {
      Id: string;
      State: string;
      Labels: Record<string, string>;
    }[];
    return found.map(({ Id, State, Labels }) => ({
      id: Id,
      taskId: Labels["farhand.task"] ?? "",
      isRunning: State === "running",
    }));
  }

  async volumes(): Promise<string[]> {
    const { Volumes } = (await this.#json("GET", "/volumes")) as { Volumes: { Name: string }[] | null };
    return (Volumes ?? []).map(({ Name }) => Name);
  }

  async killContainer(id: string): Promise<void> {
    await this.#call("POST", `/containers/${id}/kill?signal=KILL`);
  }

  async removeContainer(id: string): Promise<void> {
    await this.#call("DELETE", `/containers/${id}?force=1&v=1`);
  }

  async killWorkerIn(id: string): Promise<boolean> {
    const answer = await this.#call("GET", `/containers/${id}/top?ps_args=-eo%20pid,args`);
    if (!answer.ok) return false;
    const { Processes } = (await answer.json()) as { Processes: string[][] };
    const worker = Processes.find(([, argv]) => argv?.startsWith("/opt/farhand/worker"));
    if (worker === undefined) return false;
    // It may have ended by itself since.
    return this.#namespace.signal(Number(worker[0]), "KILL").then(
      () => true,
      () => false,
    );
  }

  async reset(): Promise<void> {
    if (this.#daemon === null) await this.start({ liveRestore: false });
    await this.#clear();
  }

  async #clear(): Promise<void> {
    for (const { id } of await this.containers()) await this.removeContainer(id);
    for (const name of await this.volumes()) await this.#call("DELETE", `/volumes/${name}?force=1`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // What an engine that is down cannot remove ends with the namespace.
    if (this.#daemon !== null) await this.#clear().catch(() => undefined);
    if (this.#daemon !== null) {
      await this.#namespace.signal(Number(await Bun.file(this.#pidFile).text()), "TERM");
      await Promise.race([this.#daemon.exited, Bun.sleep(10_000)]);
    }
    await this.#namespace[Symbol.asyncDispose]();
    const groups = `find /sys/fs/cgroup -mindepth 1 -depth -type d -path '*${this.#cgroup}*' -exec rmdir {} +`;
    // The kernel lets go of a group a moment after its last process.
    await until("the control groups", 5000, () =>
      command("sh", "-c", groups).then(
        () => true,
        () => null,
      ),
    ).catch(() => undefined);
  }

  get #pidFile(): string {
    return join(this.#folder, "docker.pid");
  }

  #call(method: string, path: string): Promise<Response> {
    return fetch(`http://docker${path}`, {
      method,
      unix: this.socketPath,
      signal: AbortSignal.timeout(10_000),
    });
  }

  async #json(method: string, path: string): Promise<unknown> {
    const answer = await this.#call(method, path);
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }
}

async function tailOf(path: string): Promise<string> {
  return (await Bun.file(path).text()).slice(-2000);
}
