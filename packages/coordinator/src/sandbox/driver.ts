import type { SandboxDriver } from "../domain/ports.ts";
import { createDockerDriver } from "./docker.ts";
import { createProcessDriver } from "./process.ts";

/** What the settings say of sandboxes. */
export interface DriverChoice {
  sandbox: "docker" | "process";
  workerImage: string;
  workerBinaryPath: string;
  dockerSocket: string | null;
  runtime: string | null;
  /** Most that a workspace may hold; null for no quota. */
  workspaceMaxBytes: number | null;
  /** Most files that a setup may add or change. */
  setupMaxFiles: number;
}

/** The driver that the settings name. */
export function createDriver(
  choice: DriverChoice,
  own: { instanceId: string; work: string; volumes: string },
): SandboxDriver {
  const { workerBinaryPath } = choice;
  const { instanceId } = own;
  if (choice.sandbox === "process")
    return createProcessDriver({ instanceId, directory: own.work, workerBinaryPath });
  return createDockerDriver({
    instanceId,
    image: choice.workerImage,
    workerBinaryPath,
    setupMaxFiles: choice.setupMaxFiles,
    ...(choice.dockerSocket ? { socketPath: choice.dockerSocket } : {}),
    ...(choice.runtime ? { runtime: choice.runtime } : {}),
    ...(choice.workspaceMaxBytes
      ? { workspace: { maxBytes: choice.workspaceMaxBytes, directory: own.volumes } }
      : {}),
  });
}
