import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { runCommand } from "./command.ts";
import { type EngineProbe, engineSocket, probeEngine } from "./engine-probe.ts";
import { isDebianLike, type OsRelease, readOsRelease } from "./os-release.ts";

export type EngineState =
  | { available: true; version: string; socketPath: string }
  /** `action` is what the user can do: a sentence or the very command. */
  | { available: false; reason: string; action: string };

export interface EngineOptions {
  log: (line: string) => void;
  /** Whether software may be installed and the engine be started; only root can. */
  allowInstall: boolean;
  env?: Record<string, string | undefined>;
}

const PACKAGES = ["docker.io", "iptables"];
const START_LIMIT_MS = 60_000;
const ENGINE_LOG = "/var/log/farhand-dockerd.log";
const ENGINE_PID = "/var/run/docker.pid";

/**
 * What is to be done about an engine that does not answer. Pure: the machine is described by its arguments.
 * `wait`: one is starting up already.
 */
export function planForEngine(machine: {
  probe: Exclude<EngineProbe, { status: "answers" }>;
  socketPath: string;
  customSocket: boolean;
  installed: boolean;
  /** A dockerd that runs although it does not answer yet. */
  starting: boolean;
  root: boolean;
  allowInstall: boolean;
  systemd: boolean;
  release: OsRelease | null;
}): { do: "install" } | { do: "start" } | { do: "wait" } | { do: "tell"; reason: string; action: string } {
  const { probe, socketPath, root } = machine;
  const sudo = root ? "" : "sudo ";
  const start = machine.systemd
    ? `${sudo}systemctl start docker`
    : `${sudo}sh -c 'dockerd >${ENGINE_LOG} 2>&1 &'`;
  if (probe.status === "denied") {
    return {
      do: "tell",
      reason: `This user may not use the Docker engine at ${socketPath}.`,
      action: "Run: sudo usermod -aG docker $USER, then sign in again.",
    };
  }
  if (probe.status === "broken") {
    return {
      do: "tell",
      reason: `The Docker engine at ${socketPath} does not work: ${probe.reason}.`,
      action: machine.systemd ? "Look at: journalctl -u docker" : "Look at the engine's log.",
    };
  }
  if (machine.customSocket) {
    return {
      do: "tell",
      reason: `DOCKER_HOST names ${socketPath}, and no engine answers there.`,
      action: "Start that engine, or unset DOCKER_HOST to use the machine's own.",
    };
  }
  if (machine.starting) return { do: "wait" };
  if (machine.installed) {
    if (root && machine.allowInstall) return { do: "start" };
    return {
      do: "tell",
      reason: "Docker is installed, but its engine does not run.",
      action: `Run: ${start}`,
    };
  }
  if (isDebianLike(machine.release)) {
    if (root && machine.allowInstall) return { do: "install" };
    const install = `${sudo}apt-get install -y --no-install-recommends ${PACKAGES.join(" ")}`;
    return { do: "tell", reason: "Docker is not installed.", action: `Run: ${install} && ${start}` };
  }
  return {
    do: "tell",
    reason: "Docker is not installed.",
    action: "Install Docker Engine as https://docs.docker.com/engine/install/ says, and start it.",
  };
}

/**
 * Makes sure that a Docker engine answers: takes the one that runs, else starts the one that is installed, else
 * installs the distribution's own. Never touches an engine that answers, so a second call does nothing.
 */
export async function ensureDocker(options: EngineOptions): Promise<EngineState> {
  const env = options.env ?? process.env;
  const socketPath = engineSocket(env);
  if (socketPath === null) {
    return {
      available: false,
      reason: `DOCKER_HOST names an engine on another machine (${env.DOCKER_HOST}).`,
      action:
        "Farhand mounts folders of this machine into its containers: unset DOCKER_HOST to use a local engine.",
    };
  }
  const probe = await probeEngine(socketPath);
  if (probe.status === "answers") return { available: true, version: probe.version, socketPath };

  const machine = {
    socketPath,
    customSocket: env.DOCKER_HOST !== undefined && env.DOCKER_HOST !== "",
    root: process.getuid?.() === 0,
    allowInstall: options.allowInstall,
    // As sd_booted(3) tells it.
    systemd: existsSync("/run/systemd/system"),
    release: await readOsRelease(),
  };
  const plan = async (last: Exclude<EngineProbe, { status: "answers" }>) =>
    planForEngine({
      ...machine,
      probe: last,
      installed: findDockerd() !== null,
      starting: await isStarting(),
    });

  let next = await plan(probe);
  if (next.do === "install") {
    const failed = await install(options.log);
    if (failed !== null) return failed;
    // A package may have started it, or be about to.
    const after = await probeEngine(socketPath);
    if (after.status === "answers") return { available: true, version: after.version, socketPath };
    next = await plan(after);
  }
  switch (next.do) {
    case "tell":
      return { available: false, reason: next.reason, action: next.action };
    case "install":
      return {
        available: false,
        reason: "Docker was installed, but there is no dockerd.",
        action: "Look for it in /usr/sbin.",
      };
    case "wait":
      return untilItAnswers(socketPath, options.log, () => null);
    case "start":
      return machine.systemd
        ? startBySystemd(socketPath, options.log)
        : startByHand(socketPath, options.log, env);
  }
}

const findDockerd = () =>
  Bun.which("dockerd", { PATH: `${process.env.PATH ?? ""}:/usr/sbin:/sbin:/usr/local/sbin` });

async function isStarting(): Promise<boolean> {
  const pid = Number(await readFile(ENGINE_PID, "utf8").catch(() => ""));
  if (!Number.isInteger(pid) || pid <= 0) return false;
  const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "");
  return name.trim() === "dockerd";
}

/** Null when it worked. */
async function install(log: (line: string) => void): Promise<EngineState | null> {
  log(`Installing ${PACKAGES.join(" and ")} from the distribution's packages …`);
  const env = { DEBIAN_FRONTEND: "noninteractive", NEEDRESTART_MODE: "a" };
  const updated = await runCommand(["apt-get", "update"], { env });
  const argv = ["apt-get", "install", "-y", "--no-install-recommends", ...PACKAGES];
  const installed = await runCommand(argv, { env });
  // Where no service manager runs, a package that cannot start its service may say that it failed.
  if (installed.exitCode === 0 || findDockerd() !== null) return null;
  const why = updated.exitCode === 0 ? installed.lastLines : `${updated.lastLines}\n${installed.lastLines}`;
  return {
    available: false,
    reason: `Docker could not be installed:\n${why}`,
    action: `Mend what the lines above say, then run: ${argv.join(" ")}`,
  };
}

async function startBySystemd(socketPath: string, log: (line: string) => void): Promise<EngineState> {
  log("Starting Docker with systemctl …");
  const started = await runCommand(["systemctl", "start", "docker"]);
  return untilItAnswers(socketPath, log, () =>
    started.exitCode === 0
      ? null
      : {
          available: false,
          reason: `Docker did not start:\n${started.lastLines}`,
          action: "Look at: journalctl -u docker",
        },
  );
}

/** For machines without a service manager: containers, small virtual machines. */
async function startByHand(
  socketPath: string,
  log: (line: string) => void,
  env: Record<string, string | undefined>,
): Promise<EngineState> {
  const output = await open(ENGINE_LOG, "a");
  const child = spawn(findDockerd() ?? "dockerd", [], {
    cwd: "/",
    // The engine outlives this command, and has no business with its keys.
    env: engineEnvironment(env),
    stdio: ["ignore", output.fd, output.fd],
    detached: true,
  });
  let ended: EngineState | null = null;
  const over = (what: string) => {
    ended = {
      available: false,
      reason: `The Docker engine ${what}.`,
      action: `Its log says why: tail ${ENGINE_LOG}`,
    };
  };
  child.once("exit", (code, signal) => over(`ended with ${signal ?? `exit code ${code}`}`));
  child.once("error", (error) => over(`could not be started: ${error.message}`));
  child.unref();
  log(`Started the Docker engine as process ${child.pid ?? "?"}; its log is ${ENGINE_LOG}`);
  await output.close();
  return untilItAnswers(socketPath, log, () => ended);
}

/** What a hand-started engine needs of the environment: its programs, and the way out. */
export function engineEnvironment(env: Record<string, string | undefined>): Record<string, string> {
  const kept = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined &&
    /^(PATH|HOME|LANG|SSL_CERT_(FILE|DIR)|(HTTPS?|NO)_PROXY|(https?|no)_proxy)$/.test(name)
      ? [[name, value]]
      : [],
  );
  return { ...Object.fromEntries(kept), PATH: `${env.PATH ?? "/usr/bin:/bin"}:/usr/sbin:/sbin` };
}

async function untilItAnswers(
  socketPath: string,
  log: (line: string) => void,
  gaveUp: () => EngineState | null,
): Promise<EngineState> {
  const startedAt = performance.now();
  for (let round = 1; performance.now() - startedAt < START_LIMIT_MS; round += 1) {
    const probe = await probeEngine(socketPath);
    if (probe.status === "answers") return { available: true, version: probe.version, socketPath };
    const failed = gaveUp();
    if (failed !== null) return failed;
    if (round % 10 === 0)
      log(`Waiting for the Docker engine (${Math.round((performance.now() - startedAt) / 1000)} s) …`);
    await sleep(500);
  }
  return {
    available: false,
    reason: `The Docker engine did not answer within ${START_LIMIT_MS / 1000} s.`,
    action: `Look at its log: journalctl -u docker, or ${ENGINE_LOG}`,
  };
}
