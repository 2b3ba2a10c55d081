import { access, constants, mkdir, mkdtemp, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/**
 * Disks of a fixed size for workspaces: each is a sparse file with an ext4 file system in it, behind a loop device.
 * A workspace on one can fill its own disk and use up its own inodes, and the host's stay as they are.
 */
export interface WorkspaceDisks {
  readonly maxBytes: number;
  /** Null where this machine can make such disks, else the reason why it cannot. Leaves nothing behind. */
  trouble(): Promise<string | null>;
  /** Makes an empty disk and gives the path of its device. Leaves nothing behind if it fails. */
  create(name: string): Promise<string>;
  /** Gives device and file back. Does nothing where there is neither. */
  remove(name: string): Promise<void>;
  /** Names of all disks that there are. */
  list(): Promise<string[]>;
}

const SUFFIX = ".ext4";
const PROBE_BYTES = 8 * 1024 ** 2;
const TOOLS = ["mkfs.ext4", "debugfs", "losetup"] as const;
/** Programs for administrators are often not on the path of a service. */
const PATH = `${process.env.PATH ?? ""}:/usr/sbin:/sbin`;

/** How the engine is to mount a disk: nothing on it can raise rights or be a device; its tables need no zeroing. */
export const DISK_MOUNT_OPTIONS = "nosuid,nodev,noinit_itable";

export function createWorkspaceDisks(options: { directory: string; maxBytes: number }): WorkspaceDisks {
  const { directory } = options;
  const fileOf = (name: string) => join(directory, `${name}${SUFFIX}`);

  async function trouble(): Promise<string | null> {
    if (process.getuid?.() !== 0) return "only root can set up loop devices";
    const missing = TOOLS.filter((tool) => Bun.which(tool, { PATH }) === null);
    if (missing.length > 0) return `${missing.join(" and ")} cannot be found`;
    const hasLoop = await access("/dev/loop-control", constants.R_OK | constants.W_OK).then(
      () => true,
      () => false,
    );
    if (!hasLoop) return "there are no loop devices here";
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const folder = await mkdtemp(join(directory, "probe-"));
    const probe = join(folder, "disk");
    try {
      await make(probe, PROBE_BYTES);
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    } finally {
      await release(probe).catch(() => {});
      await rm(folder, { recursive: true, force: true });
    }
  }

  async function create(name: string): Promise<string> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    try {
      return await make(fileOf(name), options.maxBytes);
    } catch (error) {
      await remove(name);
      throw error;
    }
  }

  async function remove(name: string): Promise<void> {
    await release(fileOf(name));
    await rm(fileOf(name), { force: true });
  }

  async function list(): Promise<string[]> {
    const names = await readdir(directory).catch(() => []);
    return names.flatMap((name) => (name.endsWith(SUFFIX) ? [name.slice(0, -SUFFIX.length)] : []));
  }

  return { maxBytes: options.maxBytes, trouble, create, remove, list };
}

async function make(path: string, sizeBytes: number): Promise<string> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.truncate(sizeBytes);
  } finally {
    await file.close();
  }
  // A workspace lives as long as its sandbox: a journal would only cost writes. Nobody in there could use what is
  // usually kept back for root.
  const shape = ["-m", "0", "-O", "^has_journal", "-E", "lazy_itable_init=1,nodiscard"];
  await tool("mkfs.ext4", "-q", "-F", ...shape, path);
  // An empty disk takes owner and mode of the image's folder; one with this in it would not.
  await tool("debugfs", "-w", "-R", "rmdir lost+found", path);
  return tool("losetup", "--find", "--show", path);
}

async function release(path: string): Promise<void> {
  if (!(await Bun.file(path).exists())) return;
  const devices = await tool("losetup", "--associated", path, "--noheadings", "--output", "NAME");
  // A device that is still mounted is given back by the kernel with its last mount.
  for (const device of devices.split("\n"))
    if (device !== "") await tool("losetup", "--detach", device.trim());
}

async function tool(name: (typeof TOOLS)[number], ...args: string[]): Promise<string> {
  const child = Bun.spawn([Bun.which(name, { PATH }) ?? name, ...args], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    env: { PATH, LC_ALL: "C" },
  });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  if ((await child.exited) !== 0) throw new Error(`${name} failed: ${stderr.trim()}`);
  return stdout.trim();
}
