import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WorkerEnv } from "@farhand/protocol";
import Docker from "dockerode";
import { FarhandError } from "../domain/failure.ts";
import type { SandboxSpec } from "../domain/ports.ts";
import { createDockerDriver, DOCKER_SOCKET } from "./docker.ts";
import { seccompProfile } from "./seccomp.ts";
import { importTinyImage } from "./tiny-image.fixture.ts";

const instanceId = `walls${process.pid}`;
const image = `farhand-test/walls:${process.pid}`;
const docker = new Docker({ socketPath: DOCKER_SOCKET });
const engineAnswers = await docker.ping().then(
  () => true,
  () => false,
);
if (!engineAnswers) {
  process.stderr.write(
    `The tests of the container's walls are skipped: no engine answers on ${DOCKER_SOCKET}.\n`,
  );
}

const folder = await mkdtemp(join(tmpdir(), "farhand-walls-"));
const workerBinaryPath = join(folder, "worker");
const socketDirectory = join(folder, "socket");
const driver = createDockerDriver({ instanceId, image, workerBinaryPath });
const never = new AbortController().signal;
const MIB = 1024 ** 2;

beforeAll(async () => {
  await writeFile(workerBinaryPath, `#!/bin/sh\neval "$${WorkerEnv.token}"\n`);
  await chmod(workerBinaryPath, 0o755);
  await chmod(folder, 0o755);
  await mkdir(socketDirectory);
  if (engineAnswers) await importTinyImage(docker, image);
}, 60_000);

afterEach(async () => {
  for (const ref of engineAnswers ? await driver.list() : []) await driver.remove(ref);
});

afterAll(async () => {
  if (engineAnswers) await docker.getImage(image).remove({ force: true });
  await rm(folder, { recursive: true, force: true });
});

let lastTask = 0;
function spec(script: string): SandboxSpec {
  lastTask += 1;
  return {
    taskId: `t_${String(lastTask).padStart(26, "0")}`,
    attempt: 1,
    token: script,
    socketDirectory,
    socketName: "gateway.sock",
    limits: { memoryBytes: 128 * MIB, cpus: 1.5, pids: 32 },
  };
}

async function run(script: string) {
  const ref = await driver.start(spec(script));
  return driver.wait(ref, never);
}

async function failureOf(work: Promise<unknown>): Promise<FarhandError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof FarhandError)) throw new Error(`expected a FarhandError, got ${String(error)}`);
  return error;
}

describe("a container as the engine sees it", () => {
  test.skipIf(!engineAnswers)("has every wall in its place", async () => {
    const ref = await driver.start(spec("sleep 600"));
    const { HostConfig, Config, Mounts, NetworkSettings, Name } = await docker
      .getContainer(ref.name)
      .inspect();
    expect(Name).toBe(`/farhand-${instanceId}-${ref.taskId}-1`);
    expect(HostConfig).toMatchObject({
      NetworkMode: "none",
      CapDrop: ["ALL"],
      CapAdd: null,
      Privileged: false,
      ReadonlyRootfs: true,
      SecurityOpt: ["no-new-privileges", `seccomp=${seccompProfile}`],
      ShmSize: 64 * MIB,
      IpcMode: "private",
      PidMode: "",
      Init: true,
      Memory: 128 * MIB,
      MemorySwap: 128 * MIB,
      NanoCpus: 1_500_000_000,
      PidsLimit: 32,
      OomScoreAdj: 500,
      AutoRemove: false,
      LogConfig: { Type: "local", Config: { "max-size": "1m", "max-file": "1" } },
    });
    expect(HostConfig.Tmpfs?.["/tmp"]).toContain("nosuid,nodev");
    expect(HostConfig.Tmpfs?.["/tmp"]).toContain(`size=${64 * MIB}`);
    expect(HostConfig.Ulimits).toContainEqual({ Name: "core", Soft: 0, Hard: 0 });
    expect(HostConfig.Devices ?? []).toEqual([]);
    expect(Object.keys(NetworkSettings.Networks)).toEqual(["none"]);
    expect(Config).toMatchObject({
      User: "10001:10001",
      Tty: false,
      AttachStdout: false,
      AttachStderr: false,
      Labels: { "farhand.instance": instanceId, "farhand.task": ref.taskId, "farhand.attempt": "1" },
    });
    expect(Mounts.map((mount) => [mount.Type, mount.Destination, mount.RW]).toSorted()).toEqual([
      ["bind", "/opt/farhand/worker", false],
      ["bind", "/run/farhand", false],
      ["volume", "/workspace", true],
    ]);
  });

  test.skipIf(!engineAnswers)("takes its volume with it when it is removed", async () => {
    const ref = await driver.start(spec("sleep 600"));
    const { Labels } = await docker.getVolume(ref.name).inspect();
    expect(Labels).toEqual({
      "farhand.instance": instanceId,
      "farhand.task": ref.taskId,
      "farhand.attempt": "1",
    });
    await driver.remove(ref);
    const left = await docker.listVolumes({ filters: { label: [`farhand.instance=${instanceId}`] } });
    expect(left.Volumes).toEqual([]);
  });

  test.skipIf(!engineAnswers)("is found by its volume alone when a crash left only that", async () => {
    const ref = await driver.start(spec("sleep 600"));
    await docker.getContainer(ref.name).remove({ force: true });
    expect(await driver.list()).toEqual([ref]);
    await driver.remove(ref);
    expect(await driver.list()).toEqual([]);
  });
});

describe("a container from within", () => {
  test.skipIf(!engineAnswers)("has no network interface but the loopback", async () => {
    expect((await run("ls /sys/class/net")).tail).toBe("lo");
  });

  test.skipIf(!engineAnswers)("has no capability, cannot gain any, and is filtered by seccomp", async () => {
    const { tail } = await run("grep -E '^(Cap|NoNewPrivs|Seccomp:|Uid|Groups)' /proc/self/status");
    const status = Object.fromEntries(tail.split("\n").map((line) => line.split(":\t")));
    for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"])
      expect(status[set]).toBe("0".repeat(16));
    expect(status).toMatchObject({ NoNewPrivs: "1", Seccomp: "2", Uid: "10001\t10001\t10001\t10001" });
  });

  test.skipIf(!engineAnswers)(
    "can write to its workspace and /tmp, run programs there, and write nowhere else",
    async () => {
      const { tail } = await run(`
      for place in / /bin /etc /opt/farhand /run/farhand /usr /var; do
        (: >$place/x) 2>/dev/null && echo "wrote to $place"
      done
      (echo change >>/opt/farhand/worker) 2>/dev/null && echo "changed the worker"
      for place in /workspace /tmp; do
        cat /bin/id >$place/built && chmod +x $place/built && echo "$place runs as $($place/built -u)"
      done`);
      expect(tail).toBe("/workspace runs as 10001\n/tmp runs as 10001");
    },
  );

  test.skipIf(!engineAnswers)("cannot fill more of /tmp than its share", async () => {
    const { tail } = await run("head -c 80m /dev/zero 2>/dev/null >/tmp/big; stat -c %s /tmp/big");
    expect(Number(tail)).toBe(64 * MIB);
  });

  test.skipIf(!engineAnswers)("cannot have more processes than its limit", async () => {
    const { tail } = await run("for n in $(yes | head -n 60); do sleep 5 & done; echo not reached");
    expect(tail).toContain("fork");
  });

  test.skipIf(!engineAnswers)("tells when the kernel killed it for want of memory", async () => {
    const exit = await run("exec grep x$(yes | head -c 100000000) /dev/null");
    expect(exit).toMatchObject({ exitCode: 137, outOfMemory: true });
  });

  test.skipIf(!engineAnswers)(
    "leaves a few megabytes on the host at most when it prints without end",
    async () => {
      const ref = await driver.start(
        spec("yes 'a line that is forty characters long....' | head -n 1000000; echo end"),
      );
      expect((await driver.wait(ref, never)).tail.endsWith("end")).toBe(true);
      const kept = await docker.getContainer(ref.name).logs({ stdout: true, stderr: true });
      expect(kept.length).toBeLessThan(8 * MIB);
    },
  );
});

describe("an engine in trouble", () => {
  test("that is not installed is told by the socket that is missing", async () => {
    const socketPath = join(folder, "none.sock");
    const away = createDockerDriver({ instanceId, image, workerBinaryPath, socketPath });
    const error = await failureOf(away.start(spec("exit 0")));
    expect(error.failure).toMatchObject({ code: "sandbox_unavailable", retryable: true });
    expect(error.message).toContain(`${socketPath} does not exist`);
    expect(error.failure.action).toContain("Install Docker");
    expect(await away.check()).toMatchObject({ ok: false, action: error.failure.action });
    expect((await failureOf(away.list())).code).toBe("sandbox_unavailable");
  });

  test("that does not run is told by the socket that refuses", async () => {
    const live = join(folder, "live.sock");
    const socketPath = join(folder, "refusing.sock");
    const server = createServer().listen(live);
    await new Promise((resolve) => server.once("listening", resolve));
    // Closing removes the file that was listened on, so that it has to lie elsewhere by then.
    await rename(live, socketPath);
    await new Promise((resolve) => server.close(resolve));
    const away = createDockerDriver({ instanceId, image, workerBinaryPath, socketPath });
    const error = await failureOf(away.start(spec("exit 0")));
    expect(error.code).toBe("sandbox_unavailable");
    expect(error.message).toContain("does not run");
    expect(error.failure.action).toContain("Start it");
  });

  test.skipIf(!engineAnswers)("that lacks the image is told apart from one that is away", async () => {
    const missing = createDockerDriver({ instanceId, image: "farhand/worker:never-built", workerBinaryPath });
    const error = await failureOf(missing.start(spec("exit 0")));
    expect(error.code).toBe("image_missing");
    expect(error.message).toContain("farhand/worker:never-built");
    expect(await missing.check()).toMatchObject({ ok: false, detail: error.message });
    expect(await missing.list()).toEqual([]);
  });

  test.skipIf(!engineAnswers)(
    "that goes away and comes back is waited for, and the exit code is not lost",
    async () => {
      await using line = await breakableLine(join(folder, "line.sock"));
      const far = createDockerDriver({ instanceId, image, workerBinaryPath, socketPath: line.path });
      const ref = await far.start(spec("sleep 1; echo survived; exit 9"));
      const exit = far.wait(ref, never);
      await Bun.sleep(200);
      await line.cut();
      await Bun.sleep(1_200);
      await line.mend();
      expect(await exit).toMatchObject({ exitCode: 9, tail: "survived" });
    },
    20_000,
  );

  test.skipIf(!engineAnswers)("that stays away is waited for until the caller has had enough", async () => {
    await using line = await breakableLine(join(folder, "dead.sock"));
    const far = createDockerDriver({ instanceId, image, workerBinaryPath, socketPath: line.path });
    const ref = await far.start(spec("sleep 600"));
    await line.cut();
    const enough = new AbortController();
    const exit = far.wait(ref, enough.signal).then(
      () => "it resolved",
      (error: unknown) => error,
    );
    await Bun.sleep(300);
    enough.abort("enough");
    expect(await exit).toBe("enough");
  });
});

/** A line to the engine that can be cut as a restart of the engine cuts it, also in the middle of an answer. */
async function breakableLine(path: string) {
  const open = new Set<Socket>();
  let server: Server | null = null;
  const mend = async () => {
    server = createServer((near) => {
      const far = connect(DOCKER_SOCKET);
      for (const end of [near, far]) {
        open.add(end);
        end.on("error", () => end.destroy());
      }
      near.pipe(far).pipe(near);
    }).listen(path);
    await new Promise((resolve) => server?.once("listening", resolve));
  };
  const cut = async () => {
    for (const end of open) end.destroy();
    open.clear();
    await new Promise((resolve) => (server === null ? resolve(null) : server.close(resolve)));
    server = null;
  };
  await mend();
  return { path, cut, mend, [Symbol.asyncDispose]: cut };
}
