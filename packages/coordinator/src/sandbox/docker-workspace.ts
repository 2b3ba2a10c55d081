import type Docker from "dockerode";
import { failure } from "../domain/failure.ts";
import { imageMissing, refusalStatus } from "./docker-trouble.ts";
import { DISK_MOUNT_OPTIONS, type WorkspaceDisks } from "./workspace-disk.ts";

/** Whether something keeps a workspace from filling the host's disk. */
export type WorkspaceQuota =
  | { isEnforced: true; maxBytes: number }
  | { isEnforced: false /** Half a sentence that says why not. */; reason: string };

/** One call to the engine with the driver's own patience; a status in `fine` gives null. */
export type EngineCall = <T>(work: Promise<T>, fine?: readonly number[]) => Promise<T | null>;

/** The volumes that workspaces are in, each on a disk of its own where the machine can do that. */
export interface Workspaces {
  quota(): Promise<WorkspaceQuota>;
  create(name: string, labels: Record<string, string>): Promise<void>;
  /** False while the engine still holds it. Does nothing where there is none. */
  remove(name: string): Promise<boolean>;
  /** Names of disks, also of those whose volume a crash kept from being made. */
  diskNames(): Promise<string[]>;
}

export function createWorkspaces(options: {
  docker: Docker;
  call: EngineCall;
  image: string;
  instanceId: string;
  /** Null where no quota is wanted. */
  disks: WorkspaceDisks | null;
}): Workspaces {
  const { docker, call, disks } = options;
  let known: Promise<WorkspaceQuota> | null = null;

  function quota(): Promise<WorkspaceQuota> {
    // What could not be found out is asked again the next time.
    known ??= findOut().catch((error: unknown) => {
      known = null;
      throw error;
    });
    return known;
  }

  async function findOut(): Promise<WorkspaceQuota> {
    if (disks === null) return { isEnforced: false, reason: "no quota is set" };
    const reason = (await disks.trouble()) ?? (await engineTrouble(disks));
    return reason === null ? { isEnforced: true, maxBytes: disks.maxBytes } : { isEnforced: false, reason };
  }

  /** An engine in another machine or container does not see the devices of this one: it has to try. */
  async function engineTrouble(own: WorkspaceDisks): Promise<string | null> {
    const name = `farhand-${options.instanceId}-probe`;
    await cleanUp(name);
    try {
      await createOn(own, name, {});
      // Making the container mounts the volume, to bring over what the image has in its place.
      const Mounts = [{ Type: "volume" as const, Source: name, Target: "/workspace" }];
      await docker.createContainer({ name, Image: options.image, Cmd: ["true"], HostConfig: { Mounts } });
      return null;
    } catch (error) {
      const status = refusalStatus(error);
      if (status === 404) throw imageMissing(options.image);
      // Without an answer nothing is known of what the engine can do.
      if (error instanceof Error && "code" in error) throw error;
      return `the engine cannot mount it (${error instanceof Error ? error.message.trim() : String(error)})`;
    } finally {
      await cleanUp(name);
    }
  }

  async function cleanUp(name: string): Promise<void> {
    await call(docker.getContainer(name).remove({ force: true }), [404, 409]);
    await remove(name);
  }

  async function create(name: string, labels: Record<string, string>): Promise<void> {
    if (disks === null || !(await quota()).isEnforced) {
      await call(docker.createVolume({ Name: name, Labels: labels }));
    } else {
      await createOn(disks, name, labels);
    }
  }

  async function createOn(own: WorkspaceDisks, name: string, labels: Record<string, string>): Promise<void> {
    // The engine answers for a volume that is there already as if it had made it: the device would be another.
    const device = await own
      .remove(name)
      .then(() => own.create(name))
      .catch(onDisk("made"));
    await call(
      docker.createVolume({
        Name: name,
        Labels: labels,
        Driver: "local",
        DriverOpts: { type: "ext4", device, o: DISK_MOUNT_OPTIONS },
      }),
    );
  }

  async function remove(name: string): Promise<boolean> {
    await call(docker.getVolume(name).remove(), [404, 409]);
    if ((await call(docker.getVolume(name).inspect(), [404])) !== null) return false;
    await disks?.remove(name).catch(onDisk("removed"));
    return true;
  }

  return { quota, create, remove, diskNames: async () => (disks === null ? [] : disks.list()) };
}

function onDisk(what: "made" | "removed"): (error: unknown) => never {
  return (error) => {
    throw failure(
      "sandbox_unavailable",
      `A workspace's disk could not be ${what}: ${error instanceof Error ? error.message : String(error)}`,
      "Look for loop devices that are held (losetup --list) and for room in the data folder, then try again.",
      { retryable: true, cause: error },
    );
  };
}
