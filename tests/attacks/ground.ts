import { mkdir, readdir, rm } from "node:fs/promises";
import { command } from "../faults/command.ts";
import { METADATA_ADDRESS } from "./targets.ts";

/** Short, because sockets lie below it and their paths have a limit. */
const PREFIX = "fh-attacks-";
/** Set inside: the number of the process outside, which names folder and control groups. */
const RUN = "FARHAND_ATTACKS_RUN";

export const isInside = (): boolean => process.env[RUN] !== undefined;

/**
 * Runs the program again in namespaces of its own: processes, mounts, and a network of loopback alone. So no packet can
 * leave the machine, whatever an attack or a control does, and nothing outlives this process.
 *
 * @returns the program's exit code
 */
export async function enterGround(program: string, args: string[]): Promise<number> {
  await removeStale();
  const init = Bun.which("docker-init") ?? Bun.which("tini");
  if (init === null) throw new Error("neither docker-init nor tini is installed");
  const folder = `/tmp/${PREFIX}${process.pid}`;
  await mkdir(folder, { recursive: true });
  const unshare = "unshare --pid --fork --kill-child --mount-proc --net --mount --ipc --uts".split(" ");
  const child = Bun.spawn(
    ["setpriv", "--pdeathsig", "KILL", ...unshare, init, "--", process.execPath, program, ...args],
    {
      env: { ...process.env, [RUN]: String(process.pid), TMPDIR: folder },
      stdin: "ignore",
      stdout: "inherit",
      stderr: "inherit",
    },
  );
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill("SIGKILL"));
  const code = await child.exited;
  await removeFolder(folder);
  return code;
}

/** Makes the folder of this run and the addresses that it aims at. Only inside. */
export async function openFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = `/tmp/${PREFIX}${process.env[RUN]}`;
  await mkdir(path, { recursive: true });
  await command("ip", "link", "set", "lo", "up");
  await command("ip", "address", "add", `${METADATA_ADDRESS}/32`, "dev", "lo");
  return { path, [Symbol.asyncDispose]: () => removeFolder(path) };
}

/** With the disks of workspaces in it, which the kernel would hold on to. */
async function removeFolder(path: string): Promise<void> {
  const loops = await command("losetup", "--list", "--noheadings", "--output", "NAME,BACK-FILE").catch(
    () => "",
  );
  for (const line of loops.split("\n")) {
    const [device = "", file = ""] = line.trim().split(/\s+/);
    if (file.startsWith(`${path}/`)) await command("losetup", "--detach", device).catch(() => undefined);
  }
  await rm(path, { recursive: true, force: true }).catch(() => undefined);
}

/** What a run that was killed has left. Its mounts ended with it. */
async function removeStale(): Promise<void> {
  for (const name of await readdir("/tmp")) {
    const pid = Number(name.startsWith(PREFIX) ? name.slice(PREFIX.length) : Number.NaN);
    if (!Number.isInteger(pid) || isAlive(pid)) continue;
    await removeFolder(`/tmp/${name}`);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
