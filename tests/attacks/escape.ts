import type { Attack } from "./attack.ts";
import { type WithoutWall, withTheEnginesSocket } from "./containers.ts";
import { shellAttack } from "./shell-attack.ts";
import { ABSTRACT_NAME } from "./targets.ts";

const AREA = "host";

const unconfined: WithoutWall = ({ HostConfig }) => {
  HostConfig.SecurityOpt = ["no-new-privileges", "seccomp=unconfined"];
};

/** As good as the host's own root, but in its own namespaces and on the suite's engine. */
const withAdministration: WithoutWall = (settings) => {
  settings.User = "0:0";
  settings.HostConfig.SecurityOpt = ["seccomp=unconfined", "apparmor=unconfined"];
  settings.HostConfig.CapDrop = null;
  settings.HostConfig.CapAdd = ["SYS_ADMIN", "MKNOD"];
  settings.HostConfig.MaskedPaths = [];
  settings.HostConfig.ReadonlyPaths = [];
};

const BY_SECCOMP = "our seccomp profile";
const BY_BOTH = "no capabilities, and our seccomp profile";

/** Calls the kernel by number and prints how it answered. EPERM is a refusal; ENOSYS would be no proof of anything. */
const syscall = (number: number, ...values: string[]) => `python3 -c '
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
buffer = ctypes.create_string_buffer(4096)
result = libc.syscall(${[number, ...values].join(", ")})
name = "done" if result >= 0 else errno.errorcode[ctypes.get_errno()]
print("kernel:", name)
'`;

const reachedTheKernel = (_aim: unknown, { output }: { output: string }) =>
  /kernel: /.test(output) && !/kernel: (EPERM|ENOSYS|EACCES)/.test(output);

const call = (name: string, number: number, values: string[], without: WithoutWall = unconfined): Attack =>
  shellAttack({
    area: AREA,
    name: `system call ${name}`,
    by: without === unconfined ? BY_SECCOMP : BY_BOTH,
    script: () => syscall(number, ...values),
    worked: reachedTheKernel,
    without,
  });

const systemCalls: Attack[] = [
  call("io_uring_setup", 425, ["4", "buffer"]),
  call("keyctl", 250, ["1", "None"]),
  call("add_key", 248, ['b"user"', 'b"name"', 'b"value"', "5", "-3"]),
  call("bpf", 321, ["0", "buffer", "48"], withAdministration),
  call("perf_event_open", 298, ["buffer", "0", "-1", "-1", "0"], withAdministration),
  call("userfaultfd", 323, ["1"], withAdministration),
  call("unshare of a user namespace", 272, ["0x10000000"]),
  call("unshare of the mount namespace", 272, ["0x00020000"], withAdministration),
  call("clone into a new user namespace", 56, ["0x10000000 | 17", "0", "0", "0", "0"]),
  call("clone into a new mount namespace", 56, ["0x00020000 | 17", "0", "0", "0", "0"], withAdministration),
  call("open_by_handle_at", 304, ["-100", "buffer", "0"], withAdministration),
  shellAttack({
    area: AREA,
    name: "ptrace of another process",
    by: BY_SECCOMP,
    script: () => syscall(101, "16", "1", "0", "0"),
    worked: reachedTheKernel,
    without: ({ HostConfig }) => {
      HostConfig.SecurityOpt = ["seccomp=unconfined"];
      HostConfig.CapDrop = null;
      HostConfig.CapAdd = ["SYS_PTRACE"];
    },
    controlUser: "0:0",
  }),
  shellAttack({
    area: AREA,
    name: "a mount",
    by: BY_BOTH,
    script: () => `mkdir -p /tmp/m && mount -t tmpfs none /tmp/m && echo mounted && umount /tmp/m`,
    worked: (_aim, { output }) => output.includes("mounted\n"),
    without: withAdministration,
  }),
  shellAttack({
    area: AREA,
    name: "a device file",
    by: "no capabilities",
    script: () =>
      `rm -f /dev/shm/null0; mknod /dev/shm/null0 c 1 3 && echo device made; rm -f /dev/shm/null0`,
    worked: (_aim, { output }) => output.includes("device made\n"),
    without: withAdministration,
  }),
  shellAttack({
    area: AREA,
    name: "a setting of the kernel",
    by: "kernel settings are read-only",
    // Of this container's own name alone, also where it works.
    script: ({ word }) => `echo ${word} > /proc/sys/kernel/domainname; cat /proc/sys/kernel/domainname`,
    worked: ({ word }, { output }) => output.includes(`\n${word}\n`) || output.startsWith(`${word}\n`),
    without: withAdministration,
  }),
];

const rights: Attack[] = [
  shellAttack({
    area: AREA,
    name: "rights from a setuid program",
    by: "no setuid program in the image, and no new privileges",
    script: () => `find / -xdev -perm /6000 ! -type l 2>/dev/null | while read -r program; do
echo "setuid: $program"; [ "$(timeout 5 "$program" -p -c 'id -u' </dev/null 2>/dev/null)" = 0 ] && echo became root; done`,
    worked: (_aim, { output }) => output.includes("became root"),
    without: ({ HostConfig }) => {
      HostConfig.SecurityOpt = [];
      HostConfig.ReadonlyRootfs = false;
    },
    prepare: () => `cp /bin/bash /opt/su && chmod 4755 /opt/su`,
    prepareUser: "0:0",
  }),
  shellAttack({
    area: AREA,
    name: "a setuid program of its own in the workspace",
    by: "workspaces are mounted nosuid, and no new privileges",
    script: () =>
      `cd /workspace; cp /bin/bash ./su 2>/dev/null; chmod 4755 ./su; [ "$(stat -c %u ./su)" = 0 ] && ./su -p -c 'echo "became $(id -u)"'; findmnt -no OPTIONS /workspace | grep -q nosuid || echo 'suid is possible'; rm -f ./su`,
    worked: (_aim, { output }) => /became 0|suid is possible/.test(output),
    without: ({ HostConfig }) => {
      HostConfig.SecurityOpt = [];
      HostConfig.Tmpfs = {
        ...HostConfig.Tmpfs,
        "/workspace": "rw,exec,suid,uid=10001,gid=10001,mode=0755,size=64m",
      };
    },
  }),
  shellAttack({
    area: AREA,
    name: "changing the image, the worker or the socket's folder",
    by: "a read-only root, and read-only mounts",
    script: ({ word }) => `for place in /etc /usr/local/bin /opt /opt/farhand /run/farhand; do
mkdir -p "$place" 2>/dev/null; echo ${word} 2>/dev/null > "$place/${word}" && echo "WROTE $place"; rm -f "$place/${word}"; done 2>&1
chmod 777 /opt/farhand/worker 2>&1; echo ${word} >> /opt/farhand/worker && echo "WROTE the worker"; true`,
    worked: (_aim, { output }) => output.includes("WROTE"),
    without: (settings) => {
      settings.User = "0:0";
      settings.HostConfig.ReadonlyRootfs = false;
    },
  }),
];

const host: Attack[] = [
  shellAttack({
    area: AREA,
    name: "the Docker engine",
    by: "its socket is not in the sandbox",
    script: () =>
      `for socket in /var/run/docker.sock /run/docker.sock /run/containerd/containerd.sock; do curl -sS -m 5 --unix-socket "$socket" http://d/version; done; for port in 2375 2376; do curl -sS -m 3 http://127.0.0.1:$port/version; done`,
    worked: (_aim, { output }) => output.includes('"ApiVersion"'),
    without: withTheEnginesSocket,
    controlUser: "0:0",
  }),
  shellAttack({
    area: AREA,
    name: "the coordinator's API on the host's loopback",
    by: "no network in the sandbox",
    script: ({ arena }) => `curl -sS -m 5 ${arena.coordinatorUrl}/api/openapi.json | head -c 200`,
    worked: (_aim, { output }) => output.includes('"openapi"'),
    without: ({ HostConfig }) => {
      HostConfig.NetworkMode = "host";
    },
  }),
  shellAttack({
    area: AREA,
    name: "the host's abstract sockets",
    by: "a network namespace of its own",
    script: ({ word }) => `python3 -c '
import socket
s = socket.socket(socket.AF_UNIX); s.connect("\\0${ABSTRACT_NAME}"); s.send(b"${word}")'`,
    without: ({ HostConfig }) => {
      HostConfig.NetworkMode = "host";
    },
  }),
  shellAttack({
    area: AREA,
    name: "the host's processes",
    by: "a process namespace of its own",
    script: () => `cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '`,
    worked: (_aim, { output }) => output.includes("coordinator/src/main.ts"),
    without: ({ HostConfig }) => {
      HostConfig.PidMode = "host";
    },
  }),
  shellAttack({
    area: AREA,
    name: "files of the host",
    by: "nothing of the host is mounted but the worker and the socket",
    script: ({ arena }) =>
      `cat ${arena.folder}/host-file.txt /proc/1/root${arena.folder}/host-file.txt /workspace/../../..${arena.folder}/host-file.txt 2>&1; findmnt -rno TARGET,FSTYPE | grep -v -E ' (overlay|proc|tmpfs|devpts|sysfs|mqueue|cgroup2?|ext4)$'`,
    worked: (_aim, { output }) => output.includes("a file of the host"),
    without: ({ HostConfig }, folder) => {
      HostConfig.Mounts = [{ Type: "bind", Source: folder, Target: folder, ReadOnly: true }];
    },
  }),
];

export const escapeAttacks: Attack[] = [...rights, ...systemCalls, ...host];
