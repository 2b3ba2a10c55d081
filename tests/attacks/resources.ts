import { LIMITS } from "./arena.ts";
import type { Attack } from "./attack.ts";
import type { WithoutWall } from "./containers.ts";
import { shellAttack } from "./shell-attack.ts";

const AREA = "resources";
const MiB = 1024 ** 2;

const withMemory =
  (mib: number, tmpMiB?: number): WithoutWall =>
  ({ HostConfig }) => {
    HostConfig.Memory = mib * MiB;
    HostConfig.MemorySwap = mib * MiB;
    if (tmpMiB !== undefined)
      HostConfig.Tmpfs = { ...HostConfig.Tmpfs, "/tmp": `rw,exec,nosuid,nodev,mode=1777,size=${tmpMiB}m` };
  };

/** A volume as the engine gives it, as large as the host's disk. What the attacks put into it stays small all the same. */
const withoutQuota: WithoutWall = ({ HostConfig }) => {
  const { "/workspace": _, ...others } = HostConfig.Tmpfs ?? {};
  HostConfig.Tmpfs = others;
  const Source = `attacks-without-quota-${crypto.randomUUID().slice(0, 8)}`;
  HostConfig.Mounts = [...(HostConfig.Mounts ?? []), { Type: "volume", Source, Target: "/workspace" }];
};

/** More than a sandbox may have, and less than hurts a machine. They do nothing. */
const PROCESSES = 700;
const forkBomb = `python3 - <<'PYTHON'
import os, signal, time
children = []
for _ in range(${PROCESSES}):
    try: pid = os.fork()
    except OSError as error: print("stopped:", error); break
    if pid == 0:
        time.sleep(15); os._exit(0)
    children.append(pid)
print("children:", len(children))
for pid in children: os.kill(pid, signal.SIGKILL)
for pid in children: os.waitpid(pid, 0)
PYTHON`;

const MEMORY_MIB = LIMITS.memoryMiB + 100;
/** Pages that are really written, in steps. */
const memoryBomb = `python3 - <<'PYTHON'
held = []
for _ in range(${MEMORY_MIB} // 20): held.append(bytearray(b"x") * (20 * 1024 * 1024))
print("held all")
PYTHON`;

const DISK_MIB = LIMITS.workspaceMiB + 60;
/** Fills a file, tells how far it came, and gives the room back: the worker has to tell of it. */
const fill = (path: string, mib: number) =>
  `head -c ${mib}M /dev/zero > ${path}; echo "written: $(( $(stat -c %s ${path}) / 1048576 ))"; rm -f ${path}`;

/** More than the file system of a workspace has room for by number, and each of them empty. */
const INODES = 18_000;
const inodes = `python3 - <<'PYTHON'
import os, shutil
made = 0
os.makedirs("/workspace/many")
try:
    for n in range(${INODES}):
        if n % 1000 == 0: os.mkdir(f"/workspace/many/{n // 1000}")
        os.close(os.open(f"/workspace/many/{n // 1000}/{n}", os.O_CREAT | os.O_WRONLY)); made += 1
except OSError as error: print("stopped:", error)
print("files:", made)
shutil.rmtree("/workspace/many")
PYTHON`;

/** A small archive of very much nothing. */
const zipBomb = `rm -rf /workspace/bomb; mkdir /workspace/bomb && python3 - <<'PYTHON'
import zipfile
with zipfile.ZipFile("/tmp/bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
    with archive.open("zeros", "w") as entry:
        for _ in range(${DISK_MIB}): entry.write(bytes(1024 * 1024))
PYTHON
echo "archive: $(stat -c %s /tmp/bomb.zip)"; timeout 60 unzip -qo /tmp/bomb.zip -d /workspace/bomb < /dev/null
echo "unpacked: $(( $(stat -c %s /workspace/bomb/zeros) / 1048576 ))"; rm -rf /workspace/bomb /tmp/bomb.zip`;

const limited = (name: string, by: string, script: string, done: string, without: WithoutWall): Attack =>
  shellAttack({
    area: AREA,
    name,
    by,
    script: () => script,
    worked: (_aim, { output }) => output.includes(`${done}\n`),
    without,
  });

/** Attacks on the machine by a sandbox alone: each is bounded also where nothing stops it. */
export const resourcesAttacks: Attack[] = [
  limited("a fork bomb", "a limit on processes", forkBomb, `children: ${PROCESSES}`, (settings, folder) => {
    withMemory(1024)(settings, folder);
    settings.HostConfig.PidsLimit = PROCESSES + 200;
  }),
  limited("a memory bomb", "a limit on memory", memoryBomb, "held all", withMemory(MEMORY_MIB + 300)),
  limited(
    "filling /tmp and with it the memory",
    "a limit on /tmp",
    fill("/tmp/fill", LIMITS.memoryMiB),
    `written: ${LIMITS.memoryMiB}`,
    withMemory(LIMITS.memoryMiB * 2 + 200, LIMITS.memoryMiB + 100),
  ),
  limited(
    "filling the disk",
    "a disk of fixed size for each workspace",
    fill("/workspace/fill", DISK_MIB),
    `written: ${DISK_MIB}`,
    withoutQuota,
  ),
  limited(
    "using up the inodes",
    "a disk of fixed size for each workspace",
    inodes,
    `files: ${INODES}`,
    withoutQuota,
  ),
  limited(
    "a zip bomb",
    "a disk of fixed size for each workspace",
    zipBomb,
    `unpacked: ${DISK_MIB}`,
    withoutQuota,
  ),
];
