import { describe, expect, test } from "bun:test";
import { engineEnvironment, ensureDocker, planForEngine } from "./engine.ts";
import { engineSocket } from "./engine-probe.ts";

const machine: Parameters<typeof planForEngine>[0] = {
  probe: { status: "absent" },
  socketPath: "/var/run/docker.sock",
  customSocket: false,
  installed: false,
  starting: false,
  root: true,
  allowInstall: true,
  systemd: false,
  release: { id: "debian", codename: "bookworm", prettyName: "Debian 12" },
};

describe("what is done about an engine that does not answer", () => {
  test("root on Debian or Ubuntu installs it, when that is allowed", () => {
    expect(planForEngine(machine)).toEqual({ do: "install" });
    const ubuntu = { id: "ubuntu", codename: "noble", prettyName: "Ubuntu 24.04" };
    expect(planForEngine({ ...machine, release: ubuntu })).toEqual({ do: "install" });
  });

  test("everybody else gets the very commands", () => {
    const told = planForEngine({ ...machine, root: false, systemd: true });
    expect(told).toEqual({
      do: "tell",
      reason: "Docker is not installed.",
      action:
        "Run: sudo apt-get install -y --no-install-recommends docker.io iptables && sudo systemctl start docker",
    });
    expect(planForEngine({ ...machine, allowInstall: false }).do).toBe("tell");
  });

  test("other systems get the way to Docker's own instructions", () => {
    const release = { id: "fedora", codename: null, prettyName: "Fedora 42" };
    for (const other of [release, null]) {
      const told = planForEngine({ ...machine, release: other });
      expect(told.do === "tell" && told.action).toContain("docs.docker.com/engine/install");
    }
  });

  test("an engine that is installed is started, by root only", () => {
    expect(planForEngine({ ...machine, installed: true })).toEqual({ do: "start" });
    expect(planForEngine({ ...machine, installed: true, probe: { status: "refuses" } })).toEqual({
      do: "start",
    });
    const told = planForEngine({ ...machine, installed: true, root: false, systemd: true });
    expect(told.do === "tell" && told.action).toBe("Run: sudo systemctl start docker");
  });

  test("an engine that is about to answer is waited for, not started twice", () => {
    expect(planForEngine({ ...machine, installed: true, starting: true })).toEqual({ do: "wait" });
  });

  test("an engine that refuses this user or is broken is never installed over", () => {
    const denied = planForEngine({ ...machine, probe: { status: "denied" }, root: false });
    expect(denied.do === "tell" && denied.action).toContain("usermod -aG docker");
    const broken = planForEngine({ ...machine, probe: { status: "broken", reason: "it hangs" } });
    expect(broken.do === "tell" && broken.reason).toContain("it hangs");
  });

  test("a socket that DOCKER_HOST names is the user's own business", () => {
    const told = planForEngine({ ...machine, customSocket: true, socketPath: "/run/user/1000/docker.sock" });
    expect(told.do === "tell" && told.reason).toContain("/run/user/1000/docker.sock");
  });
});

describe("the engine's socket", () => {
  test("is where DOCKER_HOST says, and of this machine only", () => {
    expect(engineSocket({})).toBe("/var/run/docker.sock");
    expect(engineSocket({ DOCKER_HOST: "" })).toBe("/var/run/docker.sock");
    expect(engineSocket({ DOCKER_HOST: "unix:///run/user/1000/docker.sock" })).toBe(
      "/run/user/1000/docker.sock",
    );
    expect(engineSocket({ DOCKER_HOST: "tcp://10.0.0.1:2375" })).toBeNull();
    expect(engineSocket({ DOCKER_HOST: "ssh://host" })).toBeNull();
  });

  test("that is missing makes an answer with something to do, and nothing is touched", async () => {
    const said: string[] = [];
    const log = (line: string) => said.push(line);
    for (const DOCKER_HOST of ["unix:///nowhere/docker.sock", "tcp://10.0.0.1:2375"]) {
      const state = await ensureDocker({ log, allowInstall: true, env: { DOCKER_HOST } });
      expect(state).toMatchObject({ available: false, action: expect.stringContaining("DOCKER_HOST") });
    }
    expect(said).toEqual([]);
  });
});

test("an engine that is started by hand gets no keys", () => {
  const env = {
    PATH: "/bin",
    HOME: "/root",
    HTTPS_PROXY: "http://proxy",
    ANTHROPIC_API_KEY: "sk-canary",
    LC_X: "",
  };
  expect(engineEnvironment(env)).toEqual({
    PATH: "/bin:/usr/sbin:/sbin",
    HOME: "/root",
    HTTPS_PROXY: "http://proxy",
  });
});
