import type { ContainerCreateOptions } from "dockerode";
import type { SetupSpec } from "../domain/ports.ts";
import { type ContainerFrame, containerOptions } from "./docker-container.ts";

/** What package managers need to unpack files for other users and to run their own helpers as such. */
const CAPABILITIES = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"];
const ROOT = "0:0";

/**
 * The container that a repository's setup script runs in: root, with the few capabilities that package managers need
 * and a root file system that can be written to. All other walls are the worker's own: no network, no new privileges,
 * the same system calls and limits. What becomes of its root file system is kept as an image; its environment would be
 * kept with it, so there is nothing in it.
 */
export function setupContainerOptions(frame: ContainerFrame, spec: SetupSpec): ContainerCreateOptions {
  const worker = containerOptions(frame, spec);
  const mounts = worker.HostConfig?.Mounts ?? [];
  return {
    ...worker,
    // Nothing is done here by itself: each step is told to the engine, with an environment that it does not keep.
    Entrypoint: ["sleep", "infinity"],
    User: ROOT,
    WorkingDir: "/",
    Env: [],
    HostConfig: {
      ...worker.HostConfig,
      CapAdd: CAPABILITIES,
      ReadonlyRootfs: false,
      // The workspace is the agent's and not part of an image.
      Mounts: mounts.filter(({ Type }) => Type === "bind"),
      Tmpfs: { ...worker.HostConfig?.Tmpfs, "/workspace": "rw,nosuid,nodev,size=64m,mode=0755" },
    },
  };
}
