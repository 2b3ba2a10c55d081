import type { Engine } from "./engine.ts";

/** A container's settings, in the engine's own form. */
export interface ContainerSettings {
  Image: string;
  User: string;
  Entrypoint: string[];
  Cmd: string[];
  WorkingDir: string;
  Env: string[];
  HostConfig: {
    NetworkMode: string;
    CapDrop: string[] | null;
    CapAdd: string[] | null;
    SecurityOpt: string[] | null;
    ReadonlyRootfs: boolean;
    Privileged: boolean;
    PidMode: string;
    IpcMode: string;
    Memory: number;
    MemorySwap: number;
    NanoCpus: number;
    PidsLimit: number | null;
    Ulimits: { Name: string; Soft: number; Hard: number }[] | null;
    Dns: string[] | null;
    Tmpfs: Record<string, string> | null;
    Mounts: Mount[] | null;
    [other: string]: unknown;
  };
}

export interface Mount {
  Type: "volume" | "bind" | "tmpfs";
  Source?: string;
  Target: string;
  ReadOnly?: boolean;
}

/** Takes walls away from a real sandbox's settings. `folder` is the suite's on the host, with its engine's socket. */
export type WithoutWall = (settings: ContainerSettings, folder: string) => void;

/** Containers of a task that run. */
export async function containersOf(engine: Engine, taskId: string): Promise<string[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`farhand.task=${taskId}`] }));
  const found = await engine.json<{ Id: string }[]>("GET", `/containers/json?filters=${filters}`);
  return found.map(({ Id }) => Id);
}

/** The settings that a container really has, as the engine tells them. */
export async function settingsOf(engine: Engine, container: string): Promise<ContainerSettings> {
  const { Config, HostConfig } = await engine.json<{
    Config: Omit<ContainerSettings, "HostConfig">;
    HostConfig: ContainerSettings["HostConfig"];
  }>("GET", `/containers/${container}/json`);
  return { ...Config, HostConfig };
}

/**
 * Starts a container with the settings of a real sandbox but for what `without` changes, so that a control differs in
 * the wall that it is about and in nothing else. It holds no worker and no socket: it sleeps.
 *
 * @returns its id; the engine's end removes it
 */
export async function startControl(
  engine: Engine,
  like: ContainerSettings,
  without: WithoutWall,
  folder: string,
): Promise<string> {
  const { Image, User, WorkingDir } = like;
  const settings: ContainerSettings = {
    Image,
    User,
    WorkingDir,
    Entrypoint: ["sleep"],
    Cmd: ["infinity"],
    Env: [],
    HostConfig: structuredClone(like.HostConfig),
  };
  const { HostConfig } = settings;
  HostConfig.Mounts = (HostConfig.Mounts ?? []).filter(({ Type }) => Type !== "volume" && Type !== "bind");
  // Room in memory in the workspace's place: small, and gone with the container.
  HostConfig.Tmpfs = { ...HostConfig.Tmpfs, [WorkingDir]: WORKSPACE_IN_MEMORY };
  without(settings, folder);
  const { Id } = await engine.json<{ Id: string }>("POST", "/containers/create", settings);
  const started = await engine.call("POST", `/containers/${Id}/start`);
  if (!started.ok) throw new Error(`a control does not start: ${await started.text()}`);
  return Id;
}

const WORKSPACE_IN_MEMORY = "rw,exec,nosuid,nodev,uid=10001,gid=10001,mode=0755,size=256m";

/** What some tools ask for, and what gives the whole host away. */
export const withTheEnginesSocket: WithoutWall = ({ HostConfig }, folder) => {
  const Source = `${folder}/docker.sock`;
  HostConfig.Mounts = [...(HostConfig.Mounts ?? []), { Type: "bind", Source, Target: "/run/docker.sock" }];
};
