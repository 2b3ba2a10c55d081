import { type Check, failed, passed } from "./check.ts";
import type { EngineInfo } from "./machine-checks.ts";

/** Whether root in a sandbox would be root on the machine, should all other walls fall. */
export function checkUserNamespaces(info: Pick<EngineInfo, "SecurityOptions">): Check {
  const name = "User namespaces";
  const has = (option: string) => (info.SecurityOptions ?? []).some((it) => it.split(",")[0] === option);
  if (has("name=userns"))
    return passed(name, "the engine maps the users of sandboxes to users without rights");
  if (has("name=rootless")) return passed(name, "the engine runs without root");
  return failed(
    name,
    "warning",
    "users in a sandbox are users of this machine, though without any capability",
    'For one wall more put "userns-remap": "default" into /etc/docker/daemon.json and restart Docker. All containers and images ' +
      "have to be made anew after that, and other containers on this engine lose access to files that root owns.",
  );
}

/** @param runtime what FARHAND_RUNTIME asks for; null for the engine's default. */
export function checkRuntime(info: Pick<EngineInfo, "Runtimes">, runtime: string | null): Check[] {
  if (runtime === null) return [];
  const name = "Runtime";
  if (info.Runtimes && runtime in info.Runtimes) return [passed(name, `sandboxes run on ${runtime}`)];
  const enter =
    runtime === "runsc"
      ? 'Install runsc, enter {"runtimes": {"runsc": {"path": "/usr/bin/runsc", "runtimeArgs": ["--network=none", ' +
        '"--fsgofer-host-uds=true"]}}} in /etc/docker/daemon.json (with "--platform=ptrace" where there is no KVM), ' +
        "and restart Docker."
      : `Enter ${runtime} under runtimes in /etc/docker/daemon.json and restart Docker, or unset FARHAND_RUNTIME.`;
  return [failed(name, "error", `the engine has no runtime called ${runtime}`, enter)];
}

export interface QuotaFacts {
  /** FARHAND_WORKSPACE_MAX_MIB as it is set; undefined for its default. */
  setting: string | undefined;
  isRoot: boolean;
  /** Programs that are needed and cannot be found. */
  missing: string[];
  hasLoopDevices: boolean;
}

/** Whether a sandbox can be kept from filling the disk. The coordinator tries it for real when it starts. */
export function checkWorkspaceQuota({ setting, isRoot, missing, hasLoopDevices }: QuotaFacts): Check {
  const name = "Workspace quota";
  const none = (why: string, action: string) =>
    failed(name, "warning", `${why}: a task can fill the disk that Docker is on`, action);
  if (setting === "0") return none("switched off", "Unset FARHAND_WORKSPACE_MAX_MIB, or set it to some MiB.");
  if (!isRoot) {
    return none(
      "only root can make disks",
      "Run Farhand as root, or give Docker's folder a disk of its own.",
    );
  }
  if (missing.length > 0) {
    return none(
      `${missing.join(" and ")} cannot be found`,
      "Install e2fsprogs and util-linux; on Debian or Ubuntu: sudo apt-get install e2fsprogs util-linux mount",
    );
  }
  if (!hasLoopDevices) {
    return none(
      "no loop devices",
      "Load them with: sudo modprobe loop. A container needs /dev and the right to them.",
    );
  }
  return passed(name, `each workspace is on a disk of ${setting || "10240"} MiB of its own`);
}

/** Whether git on this machine can be kept from taking all memory for what an agent pushes or a forge sends. */
export function checkGitMemory(hasPrlimit: boolean): Check {
  const name = "Memory of git";
  if (hasPrlimit) return passed(name, "each git process has a bound");
  return failed(
    name,
    "warning",
    "prlimit cannot be found: a push or a repository that is made for it can take all memory",
    "Install util-linux; on Debian or Ubuntu: sudo apt-get install util-linux",
  );
}

const PROXY_VARIABLES = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/**
 * Where the server's own connections go through a proxy, sandboxes' do not: they go to the address that was checked, and
 * a proxy would look the name up once more.
 */
export function checkProxy(env: Readonly<Record<string, string | undefined>>): Check[] {
  const set = PROXY_VARIABLES.find((name) => env[name]);
  if (set === undefined) return [];
  return [
    failed(
      "Proxy",
      "warning",
      `${set} is set, and what sandboxes reach goes out directly, not through that proxy`,
      "Let this machine connect to the allowed hosts itself, or set the egress mode to none. Git goes to members' own " +
        "forges directly as well.",
    ),
  ];
}
