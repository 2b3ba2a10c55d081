import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { createDockerDriver } from "../../packages/coordinator/src/sandbox/docker.ts";
import { type OwnEngine, startEngine } from "../faults/engine.ts";
import { containersOf, engine, noDocker } from "./support/docker.ts";
import { git } from "./support/git.ts";
import { runWalled } from "./support/walled.ts";
import { needed, openWorld, type World } from "./support/world.ts";

/** Users of a sandbox begin here on the host of an engine that maps them. */
const MAPPED_FROM = 200_000;
const AGENT = 10_001;

describe.skipIf(noDocker)("system calls that a sandbox has no business to make", () => {
  let walled = new Map<string, string>();
  let open = new Map<string, string>();

  beforeAll(async () => {
    if (noDocker) return;
    const source = await Bun.file(join(import.meta.dir, "support", "forbidden-calls.c")).text();
    // Compiled in there: that a compiler works behind these walls is part of what is shown.
    const script = `base64 -d <<<'${btoa(source)}' >/tmp/calls.c && gcc -o /tmp/calls /tmp/calls.c && /tmp/calls`;
    const read = (text: string) =>
      new Map(
        text
          .split("\n")
          .map((line): [string, string] => [line.split("\t")[0] ?? "", line.split("\t")[1] ?? ""]),
      );
    walled = read(await runWalled(script));
    open = read(await runWalled(script, { withoutSeccomp: true }));
    for (const results of [walled, open]) {
      results.delete("");
      expect(results.get("done")).toBe("ok");
      results.delete("done");
    }
  });

  test("are all refused", () => {
    // Told to be unknown, or programs that make users would give up.
    expect(walled.get("socket AF_NETLINK for audit")).toBe("EPROTONOSUPPORT");
    walled.set("socket AF_NETLINK for audit", "EPERM");
    expect(walled.size).toBeGreaterThan(70);
    const letThrough = [...walled].filter(([, result]) => !["EPERM", "ENOSYS", "killed"].includes(result));
    expect(letThrough).toEqual([]);
  });

  test("reach the kernel when the filter is taken away: the control", () => {
    expect([...open.keys()]).toEqual([...walled.keys()]);
    const stopped = ["EPERM", "ENOSYS", "EAFNOSUPPORT", "killed"];
    const reached = [...open].filter(([, result]) => !stopped.includes(result));
    // What else stands in the way of the others: a capability that is missing, or a kernel without the call.
    const other = [...open].filter(([name]) => !reached.some(([it]) => it === name));
    process.stdout.write(
      `${reached.length} of ${open.size} calls are stopped by the filter alone; by others too: ` +
        `${other.map(([name, result]) => `${name} (${result})`).join(", ")}\n`,
    );
    // These need no right that an ordinary user lacks, and no kernel is without them.
    const sure = [
      "unshare",
      "ptrace",
      "process_vm_readv",
      "open_tree",
      "clone into new users",
      "setns",
      "mbind",
    ];
    const families = ["socket AF_NETLINK for netfilter", "socket AF_NETLINK for events of the kernel"];
    for (const name of [...sure, ...families, "personality without address randomisation"])
      expect([name, reached.some(([it]) => it === name)]).toEqual([name, true]);
  });

  test("are not missed by what a coding agent uses", async () => {
    const printed = await runWalled(`cd /workspace
      git init -q r && cd r && git -c user.name=a -c user.email=a@b.c commit -q --allow-empty -m first && git gc -q && echo git ok
      node -e 'const {Worker} = require("worker_threads"); new Worker("1", {eval: true}).on("exit", () => console.log("node ok"))'
      npm init -y >/dev/null && npm pkg get name >/dev/null && echo npm ok
      python3 -c 'import multiprocessing as m, asyncio, sqlite3; p = m.Pool(2); print("python", sum(p.map(abs, [-1, -2])) == 3 and "ok")'
      python3 -m venv --without-pip v && v/bin/python -c 'print("venv ok")'
      printf '#include <pthread.h>\\n#include <stdio.h>\\nvoid *f(void *a) { return a; }\\nint main(void) { pthread_t t; pthread_create(&t, 0, f, 0); pthread_join(t, 0); puts("threads ok"); }' >a.c
      printf 'a: a.c\\n\\tgcc -O2 -o a a.c\\n' >Makefile && make -s && ./a
      mkfifo pipe && (echo fifo ok >pipe & cat pipe)
      tar -cJf a.tar.xz a.c && tar -tf a.tar.xz >/dev/null && echo tar ok
      python3 -m http.server --bind 127.0.0.1 8000 >/dev/null 2>&1 & sleep 1; curl -s http://127.0.0.1:8000/ >/dev/null && echo loopback ok
      /opt/farhand/worker 2>&1 | grep -q FARHAND_GATEWAY_SOCKET && echo worker ok
      kill %1 2>/dev/null`);
    for (const name of "git node npm python venv threads fifo tar loopback worker".split(" "))
      expect(printed).toContain(`${name} ok`);
  });
});

describe.skipIf(noDocker)("a workspace's quota", () => {
  test("is in force for a task, or readiness says that there is none", async () => {
    await using world = await openWorld({ FARHAND_WORKSPACE_MAX_MIB: "256" });
    const { checks } = await world.client.ready();
    const detail = checks.find(({ name }) => name === "sandbox")?.detail ?? "";
    expect(detail).toMatch(/workspaces hold 256 MiB at most|nothing limits the size of a workspace: \w+/);
    expect((await world.play("fix-failing-test")).state).toBe("idle");
    const volumes = join(world.settings.FARHAND_DATA ?? "", "volumes");
    if (detail.includes("256 MiB")) expect(await readdir(volumes)).toEqual([]);
  });
});

describe.skipIf(noDocker)("a repository's setup", () => {
  test("installs a system package with the few rights that it has, and the agent can use it", async () => {
    const folder = await mkdtemp("/tmp/fhw-setup-");
    const instanceId = `setup${process.pid}`;
    // In place of the worker, to look around as the agent would.
    const looker = join(folder, "looker");
    await Bun.write(
      looker,
      "#!/bin/sh\nhello; dpkg -s hello-farhand; ls -l /opt/owned; sudo-like; id -u; env\n",
    );
    await chmod(looker, 0o755);
    const image = needed("FARHAND_WORKER_IMAGE");
    const driver = createDockerDriver({ instanceId, image, workerBinaryPath: looker });
    const spec = {
      taskId: "t_setup",
      attempt: 1,
      token: "none",
      socketDirectory: folder,
      socketName: "none",
      limits: { memoryBytes: 1024 ** 3, cpus: 2, pids: 256 },
    };
    const never = new AbortController().signal;
    try {
      const setup = await driver.setUp?.(
        {
          ...spec,
          // A package with an own user, files of other owners, a setuid program and a script that runs on installation.
          script: `#!/bin/bash
            set -euo pipefail
            test "$SETUP_TOKEN" = canary-of-setup
            cd "$(mktemp -d)"
            mkdir -p p/DEBIAN p/usr/bin p/opt/owned
            printf 'Package: hello-farhand\\nVersion: 1\\nArchitecture: all\\nMaintainer: x <x@example.org>\\nDescription: x\\n' >p/DEBIAN/control
            printf '#!/bin/sh\\nuseradd --system hello && chown -R hello /opt/owned\\n' >p/DEBIAN/postinst
            chmod 755 p/DEBIAN/postinst
            printf '#!/bin/sh\\necho hello from the package\\n' >p/usr/bin/hello; chmod 755 p/usr/bin/hello
            cp /usr/bin/id p/usr/bin/sudo-like; chmod 4755 p/usr/bin/sudo-like
            dpkg-deb --root-owner-group -b p hello.deb
            apt-get install -y ./hello.deb`,
          environment: { SETUP_TOKEN: "canary-of-setup" },
          scope: "u_owner example.org/shop",
          limitMs: 120_000,
        },
        never,
      );
      expect(setup).toMatchObject({ exitCode: 0, isCached: false });
      const ref = await driver.start({ ...spec, image: setup?.image ?? "" });
      const { tail } = await driver.wait(ref, never);
      expect(tail).toContain("hello from the package");
      expect(tail).toContain("install ok installed");
      expect(tail).toMatch(/total 0/);
      // A program with the setuid bit gives its user nothing.
      expect(tail).toContain("uid=10001(agent) gid=10001(agent) groups=10001(agent)\n10001");
      expect(tail).not.toContain("euid=");
      expect(tail).not.toContain("canary-of-setup");
    } finally {
      for (const ref of await driver.list()) await driver.remove(ref);
      await removeImagesOf(instanceId);
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe.skipIf(noDocker)("a repository with a setup script", () => {
  let world: World;
  beforeAll(async () => {
    if (noDocker) return;
    world = await openWorld();
  });
  afterAll(async () => {
    if (noDocker) return;
    const instance = (await Bun.file(join(world.settings.FARHAND_DATA ?? "", "instance")).text()).trim();
    await world[Symbol.asyncDispose]();
    await removeImagesOf(instance);
  });

  async function commitSetup(script: string): Promise<void> {
    const clone = await mkdtemp("/tmp/fhw-clone-");
    try {
      await git(["clone", "--quiet", world.sample.path, clone]);
      await mkdir(join(clone, ".farhand"), { recursive: true });
      await Bun.write(join(clone, ".farhand", "setup.sh"), script);
      await git(["-C", clone, "add", "."]);
      await git(["-C", clone, "commit", "--quiet", "-m", "Set up"]);
      await git(["-C", clone, "push", "--quiet", "origin", "HEAD"]);
    } finally {
      await rm(clone, { recursive: true, force: true });
    }
  }

  test("has its tasks run on what the script made of the image, once made", async () => {
    await commitSetup("#!/bin/sh\necho here >/etc/farhand-setup\necho all is set\n");
    const first = await world.play("fix-failing-test");
    expect(first).toMatchObject({ state: "idle", failure: null, filesChanged: 1 });
    expect(await world.bodies(first.id, "setup.finished")).toMatchObject([
      { exitCode: 0, isCached: false, tail: "all is set" },
    ]);
    const { id } = await world.create({ prompt: "Do it. [scenario:sleep-forever]" });
    await world.until(id, (body) => body.type === "tool.started");
    const [container] = await containersOf(id);
    const { Config } = (await (await engine("GET", `/containers/${container}/json`)).json()) as {
      Config: { Image: string; User: string };
    };
    expect(Config).toMatchObject({ Image: expect.stringContaining("farhand/setup:"), User: "10001:10001" });
    expect(await world.bodies(id, "setup.finished")).toMatchObject([{ exitCode: 0, isCached: true }]);
    await world.client.cancelTask(id);
    expect((await world.ended(id)).state).toBe("cancelled");
    expect(await containersOf(id)).toEqual([]);
  });

  test("fails its turns with the script's last lines when it fails", async () => {
    await commitSetup("#!/bin/sh\necho E: no such package >&2\nexit 100\n");
    const task = await world.play("fix-failing-test");
    expect(task).toMatchObject({ state: "failed", failure: { code: "setup_failed", retryable: true } });
    expect(await world.bodies(task.id, "setup.finished")).toMatchObject([
      { exitCode: 100, tail: "E: no such package" },
    ]);
    expect(await containersOf(task.id)).toEqual([]);
  });
});

async function removeImagesOf(instanceId: string): Promise<void> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`farhand.instance=${instanceId}`] }));
  const images = (await (await engine("GET", `/images/json?filters=${filters}`)).json()) as { Id: string }[];
  for (const { Id } of images) await engine("DELETE", `/images/${Id}?force=1`);
}

/** An engine of the test's own with other settings than the machine's; null where there can be none. */
async function ownEngine(options: Pick<Parameters<typeof startEngine>[0], "files" | "settings">) {
  if (noDocker) return null;
  const folder = await mkdtemp("/tmp/fhw-");
  try {
    // Mapped users have to get to what is theirs in it, which a home folder would not let them.
    const cache = `/var/tmp/farhand-engine-${options.files ? "userns" : "runtime"}`;
    await mkdir(cache, { recursive: true });
    const engine = await startEngine({ folder, cache, image: needed("FARHAND_WORKER_IMAGE"), ...options });
    return { engine, folder };
  } catch (error) {
    process.stdout.write(`No engine of the test's own can be started here, so this is skipped: ${error}\n`);
    await rm(folder, { recursive: true, force: true });
    return null;
  }
}

async function close(own: { engine: OwnEngine; folder: string } | null): Promise<void> {
  await own?.engine[Symbol.asyncDispose]();
  if (own === null) return;
  // An engine that maps users keeps a second folder beside the one that it is given.
  for (const suffix of ["", `.${MAPPED_FROM}.${MAPPED_FROM}`])
    await rm(`${own.folder}${suffix}`, { recursive: true, force: true });
}

/** Host users of all processes that run the worker. */
async function usersOfWorkers(): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const users = await Promise.all(
    pids.map(async (pid) => {
      try {
        const argv = await Bun.file(`/proc/${pid}/cmdline`).text();
        if (!argv.startsWith("/opt/farhand/worker\0")) return [];
        return [Number(/^Uid:\t(\d+)/m.exec(await Bun.file(`/proc/${pid}/status`).text())?.[1])];
      } catch {
        return [];
      }
    }),
  );
  return users.flat();
}

describe.skipIf(noDocker)("an engine that maps the users of containers", () => {
  let own: Awaited<ReturnType<typeof ownEngine>> = null;
  beforeAll(async () => {
    own = await ownEngine({
      files: {
        "/etc/subuid": `nobody:${MAPPED_FROM}:65536\n`,
        "/etc/subgid": `nogroup:${MAPPED_FROM}:65536\nnobody:${MAPPED_FROM}:65536\n`,
      },
      settings: { "userns-remap": "nobody:nogroup" },
    });
  }, 180_000);
  afterAll(() => close(own));

  test("carries the whole main job, with a worker that is nobody on the host", async () => {
    if (own === null) return;
    await using world = await openWorld({ DOCKER_HOST: `unix://${own.engine.socketPath}` });
    const { id } = await world.create({ prompt: "Do it. [scenario:sleep-forever]" });
    await world.until(id, (body) => body.type === "tool.started");
    expect(await usersOfWorkers()).toContain(MAPPED_FROM + AGENT);
    await world.client.cancelTask(id);
    expect((await world.ended(id)).state).toBe("cancelled");
    const task = await world.play("fix-failing-test");
    expect(task).toMatchObject({ state: "idle", failure: null, filesChanged: 1 });
    expect(await own.engine.containers()).toEqual([]);
    expect(await own.engine.volumes()).toEqual([]);
  });
});

const runsc = Bun.which("runsc");
if (runsc === null) process.stdout.write("The test on gVisor is skipped: runsc is not installed.\n");

describe.skipIf(noDocker || runsc === null)("gVisor", () => {
  let own: Awaited<ReturnType<typeof ownEngine>> = null;
  beforeAll(async () => {
    const runtimeArgs = ["--network=none", "--platform=ptrace", "--fsgofer-host-uds=true"];
    own = await ownEngine({ settings: { runtimes: { runsc: { path: runsc, runtimeArgs } } } });
  }, 180_000);
  afterAll(() => close(own));

  test("carries the whole main job when FARHAND_RUNTIME names it", async () => {
    if (own === null) return;
    await using world = await openWorld({
      DOCKER_HOST: `unix://${own.engine.socketPath}`,
      FARHAND_RUNTIME: "runsc",
    });
    const { checks } = await world.client.ready();
    expect(checks.find(({ name }) => name === "sandbox")?.detail).toContain("on runsc");
    expect(await world.play("fix-failing-test")).toMatchObject({ state: "idle", filesChanged: 1 });
    expect(await own.engine.containers()).toEqual([]);
  });

  test("is missed with a sentence where the engine does not know it", async () => {
    await using world = await openWorld({ FARHAND_RUNTIME: "no-such-runtime" });
    const { status, checks } = await world.client.ready();
    expect(status).toBe("not_ready");
    expect(checks.find(({ name }) => name === "sandbox")).toMatchObject({
      ok: false,
      detail: expect.stringContaining("no-such-runtime"),
      action: expect.stringContaining("daemon.json"),
    });
  });
});
