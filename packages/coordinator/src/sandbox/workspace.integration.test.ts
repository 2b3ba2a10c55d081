import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WorkerEnv } from "@farhand/protocol";
import { $ } from "bun";
import Docker from "dockerode";
import type { SandboxDriver, SandboxSpec } from "../domain/ports.ts";
import { createDockerDriver, DOCKER_SOCKET } from "./docker.ts";
import { createWorkspaces, type EngineCall } from "./docker-workspace.ts";
import { importTinyImage } from "./tiny-image.fixture.ts";
import { createWorkspaceDisks } from "./workspace-disk.ts";

const MIB = 1024 ** 2;
const QUOTA_BYTES = 64 * MIB;
/** More files than a disk of that size has inodes for. */
const MANY_FILES = 20_000;

const instanceId = `disks${process.pid}`;
const image = `farhand-test/disks:${process.pid}`;
const docker = new Docker({ socketPath: DOCKER_SOCKET });
const folder = await mkdtemp(join(tmpdir(), "farhand-disks-"));
const directory = join(folder, "volumes");
const workerBinaryPath = join(folder, "worker");
const socketDirectory = join(folder, "socket");
const disks = createWorkspaceDisks({ directory, maxBytes: QUOTA_BYTES });
const engineAnswers = await docker.ping().then(
  () => true,
  () => false,
);
const trouble = engineAnswers ? await disks.trouble() : `no engine answers on ${DOCKER_SOCKET}`;
if (trouble !== null) process.stderr.write(`The tests of the workspace's quota are skipped: ${trouble}.\n`);

const workspace = { maxBytes: QUOTA_BYTES, directory };
const driver = createDockerDriver({ instanceId, image, workerBinaryPath, workspace });
const without = createDockerDriver({ instanceId: `${instanceId}n`, image, workerBinaryPath });

beforeAll(async () => {
  await writeFile(workerBinaryPath, `#!/bin/sh\neval "$${WorkerEnv.token}"\n`);
  await chmod(workerBinaryPath, 0o755);
  await chmod(folder, 0o755);
  await mkdir(socketDirectory);
  if (engineAnswers) await importTinyImage(docker, image);
}, 60_000);

afterEach(async () => {
  for (const it of engineAnswers ? [driver, without] : [])
    for (const ref of await it.list()) await it.remove(ref);
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
    limits: { memoryBytes: 256 * MIB, cpus: 2, pids: 64 },
  };
}

async function run(on: SandboxDriver, script: string) {
  const ref = await on.start(spec(script));
  const { tail } = await on.wait(ref, new AbortController().signal);
  return { ref, tail };
}

const diskFiles = async () => (await readdir(directory)).filter((name) => name.endsWith(".ext4"));
const loopDevices = async () =>
  (await $`losetup --list --noheadings --output BACK-FILE`.text())
    .split("\n")
    .filter((path) => path.startsWith(directory));

const fillDisk = "head -c 100m /dev/zero 2>/dev/null >/workspace/big; stat -c %s /workspace/big";
const fillInodes = `n=0; while [ $n -lt ${MANY_FILES} ]; do true >/workspace/$n || break; n=$((n+1)); done 2>/dev/null; echo $n`;

describe.skipIf(trouble !== null)("a workspace with a quota", () => {
  test("holds no more bytes than its quota, and takes no more of the host's disk", async () => {
    const { ref, tail } = await run(driver, fillDisk);
    expect(Number(tail)).toBeGreaterThan(QUOTA_BYTES / 2);
    expect(Number(tail)).toBeLessThan(QUOTA_BYTES);
    const [file] = await diskFiles();
    const { blocks } = await stat(join(directory, String(file)));
    expect(blocks * 512).toBeLessThanOrEqual(QUOTA_BYTES);
    await driver.remove(ref);
    // The control: without the wall the same command writes all that it was asked to.
    expect((await run(without, fillDisk)).tail).toBe(String(100 * MIB));
  });

  test("holds no more files than its disk has inodes for", async () => {
    const { tail } = await run(driver, fillInodes);
    expect(Number(tail)).toBeGreaterThan(1000);
    expect(Number(tail)).toBeLessThan(MANY_FILES);
    expect((await run(without, fillInodes)).tail).toBe(String(MANY_FILES));
  }, 60_000);

  test("lets nothing on it raise rights or be a device", async () => {
    const { tail } = await run(driver, "grep ' /workspace ' /proc/self/mounts");
    expect(tail).toMatch(/^\/dev\/loop\d+ \/workspace ext4 rw,nosuid,nodev/);
  });

  test("gives its file and its loop device back when the sandbox is removed", async () => {
    const { ref } = await run(driver, "exit 0");
    expect(await diskFiles()).toEqual([`${ref.name}.ext4`]);
    expect(await loopDevices()).toHaveLength(1);
    await driver.remove(ref);
    expect(await diskFiles()).toEqual([]);
    expect(await loopDevices()).toEqual([]);
  });

  test("is found by its disk alone when a crash left only that", async () => {
    const name = `farhand-${instanceId}-t_lost-3`;
    await disks.create(name);
    const ref = { taskId: "t_lost", attempt: 3, name };
    expect(await driver.list()).toEqual([ref]);
    await driver.remove(ref);
    expect(await driver.list()).toEqual([]);
    expect(await loopDevices()).toEqual([]);
  });

  test("fails a start with a sentence when there is no room for its disk, and leaves nothing", async () => {
    await driver.check();
    await rm(directory, { recursive: true, force: true });
    await writeFile(directory, "in the way");
    const error = await driver.start(spec("exit 0")).catch((thrown: unknown) => thrown);
    await rm(directory);
    await mkdir(directory);
    expect(error).toMatchObject({ code: "sandbox_unavailable" });
    expect(await driver.list()).toEqual([]);
  });

  test("is told of by the driver's health, and so is that there is none", async () => {
    expect((await driver.check()).detail).toContain("workspaces hold 64 MiB at most");
    expect((await without.check()).detail).toContain("nothing limits the size of a workspace");
    expect(await diskFiles()).toEqual([]);
  });

  test("is not claimed where the engine cannot mount its disk", async () => {
    const call: EngineCall = (work, fine = []) =>
      work.catch((error: { statusCode: number }) => {
        if (fine.includes(error.statusCode)) return null;
        throw error;
      });
    // As for an engine in another machine, where the device's name means nothing.
    const elsewhere = { ...disks, create: async () => "/dev/farhand-none" };
    const workspaces = createWorkspaces({ docker, call, image, instanceId, disks: elsewhere });
    expect(await workspaces.quota()).toMatchObject({
      isEnforced: false,
      reason: expect.stringContaining("the engine cannot mount it"),
    });
    await workspaces.create(`farhand-${instanceId}-t_plain-1`, {});
    expect(await workspaces.remove(`farhand-${instanceId}-t_plain-1`)).toBe(true);
  });
});
