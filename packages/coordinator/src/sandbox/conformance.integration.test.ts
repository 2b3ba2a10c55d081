import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WorkerEnv } from "@farhand/protocol";
import Docker from "dockerode";
import { FarhandError } from "../domain/failure.ts";
import type { SandboxDriver, SandboxRef, SandboxSpec } from "../domain/ports.ts";
import { createDockerDriver, DOCKER_SOCKET } from "./docker.ts";
import { createProcessDriver } from "./process.ts";
import { importTinyImage } from "./tiny-image.fixture.ts";
import { createWorkspaceDisks } from "./workspace-disk.ts";

const instanceId = `test${process.pid}`;
const tag = `farhand-test/tiny:${process.pid}`;
const docker = new Docker({ socketPath: DOCKER_SOCKET });
const engineAnswers = await docker.ping().then(
  () => true,
  () => false,
);
if (!engineAnswers) {
  process.stderr.write(`The docker driver's tests are skipped: no engine answers on ${DOCKER_SOCKET}.\n`);
}

const folder = await mkdtemp(join(tmpdir(), "farhand-sandbox-"));
const workerBinaryPath = join(folder, "worker");
const socketDirectory = join(folder, "socket");
const processes = join(folder, "processes");
const workspace = { maxBytes: 64 * 1024 ** 2, directory: join(folder, "disks") };

beforeAll(async () => {
  // The token tells this stand-in what to do: it is the one thing a test can give a worker.
  await writeFile(workerBinaryPath, `#!/bin/sh\neval "$${WorkerEnv.token}"\n`);
  await chmod(workerBinaryPath, 0o755);
  await chmod(folder, 0o755);
  await mkdir(socketDirectory);
  await writeFile(join(socketDirectory, "gateway.sock"), "a stand-in for the socket");
  if (engineAnswers) await importTinyImage(docker, tag);
}, 60_000);
const diskTrouble = engineAnswers ? await createWorkspaceDisks(workspace).trouble() : "there is no engine";
if (diskTrouble !== null) {
  process.stderr.write(`The tests of workspaces on disks of their own are skipped: ${diskTrouble}.\n`);
}

afterAll(async () => {
  if (engineAnswers) await docker.getImage(tag).remove({ force: true });
  await rm(folder, { recursive: true, force: true });
});

let lastTask = 0;
function spec(script: string, change: Partial<SandboxSpec> = {}): SandboxSpec {
  lastTask += 1;
  return {
    taskId: `t_${String(lastTask).padStart(26, "0")}`,
    attempt: 1,
    token: script,
    socketDirectory,
    socketName: "gateway.sock",
    limits: { memoryBytes: 256 * 1024 ** 2, cpus: 1, pids: 64 },
    ...change,
  };
}

const dockerDriver = (change: { workerBinaryPath?: string } = {}) =>
  createDockerDriver({ instanceId, image: tag, workerBinaryPath, ...change });
const diskDriver = (change: { workerBinaryPath?: string } = {}) =>
  createDockerDriver({ instanceId, image: tag, workerBinaryPath, workspace, ...change });
const processDriver = (change: { workerBinaryPath?: string } = {}) =>
  createProcessDriver({ instanceId, directory: processes, workerBinaryPath, ...change });

const never = new AbortController().signal;

async function run(driver: SandboxDriver, script: string, change: Partial<SandboxSpec> = {}) {
  const ref = await driver.start(spec(script, change));
  const exit = await driver.wait(ref, never);
  await driver.remove(ref);
  return exit;
}

async function failureOf(work: Promise<unknown>): Promise<FarhandError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof FarhandError)) throw new Error(`expected a FarhandError, got ${String(error)}`);
  return error;
}

async function rejection(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => "it resolved",
    (error: unknown) => error,
  );
}

/** What a test has to reach behind the driver's back. */
interface Backdoor {
  destroy(ref: SandboxRef): Promise<void>;
  /** Whether the worker has made the file `up` in its workspace. */
  isUp(ref: SandboxRef): Promise<boolean>;
}

/** Starts a worker that ends by `onTerm` when it is asked to, and waits until it listens. */
async function startListening(
  driver: SandboxDriver,
  { isUp }: Backdoor,
  onTerm: string,
): Promise<SandboxRef> {
  const up = `touch "$${WorkerEnv.workspace}/up"`;
  const ref = await driver.start(spec(`trap '${onTerm}' TERM; echo up; ${up}; while :; do sleep 0.05; done`));
  while (!(await isUp(ref))) await Bun.sleep(20);
  return ref;
}

const dockerBackdoor: Backdoor = {
  destroy: async (ref) => {
    await docker.getContainer(ref.name).remove({ force: true });
    await docker.getVolume(ref.name).remove();
  },
  isUp: (ref) =>
    docker
      .getContainer(ref.name)
      .infoArchive({ path: "/workspace/up" })
      .then(
        () => true,
        () => false,
      ),
};

const engines: {
  name: string;
  here: boolean;
  driver: () => SandboxDriver;
  broken: () => SandboxDriver;
  backdoor: Backdoor;
}[] = [
  {
    name: "docker driver",
    here: engineAnswers,
    driver: dockerDriver,
    broken: () => dockerDriver({ workerBinaryPath: join(folder, "nowhere") }),
    backdoor: dockerBackdoor,
  },
  {
    name: "docker driver with disks",
    here: diskTrouble === null,
    driver: diskDriver,
    broken: () => diskDriver({ workerBinaryPath: join(folder, "nowhere") }),
    backdoor: {
      ...dockerBackdoor,
      destroy: async (ref) => {
        await dockerBackdoor.destroy(ref);
        await createWorkspaceDisks(workspace).remove(ref.name);
      },
    },
  },
  {
    name: "process driver",
    here: process.platform === "linux",
    driver: processDriver,
    broken: () => processDriver({ workerBinaryPath: join(folder, "nowhere") }),
    backdoor: {
      destroy: async (ref) => {
        const stat = await Bun.file(join(processes, ref.name, "stat")).text();
        process.kill(-Number.parseInt(stat, 10), "SIGKILL");
        await rm(join(processes, ref.name), { recursive: true, force: true });
      },
      isUp: (ref) => Bun.file(join(processes, ref.name, "workspace", "up")).exists(),
    },
  },
];

describe.each(engines)("the $name", ({ here, driver: make, broken, backdoor }) => {
  const driver = make();

  afterEach(async () => {
    for (const ref of here ? await driver.list() : []) await driver.remove(ref);
  });

  test.skipIf(!here)(
    "runs the worker with the environment of the contract and nothing of the coordinator's",
    async () => {
      process.env.FARHAND_TEST_CANARY = "canary";
      const exit = await run(driver, `env; cat "$${WorkerEnv.socket}"; # the-token`);
      delete process.env.FARHAND_TEST_CANARY;
      expect(exit.exitCode).toBe(0);
      for (const name of Object.values(WorkerEnv)) expect(exit.tail).toContain(`${name}=`);
      expect(exit.tail).toContain("the-token");
      expect(exit.tail).toContain("a stand-in for the socket");
      expect(exit.tail).not.toContain("canary");
      expect(exit.tail).not.toContain("ANTHROPIC");
    },
  );

  test.skipIf(!here)("gives a workspace that is empty, writable, and new for every attempt", async () => {
    const script = `cd "$${WorkerEnv.workspace}" && ls -A && touch left-behind && echo written`;
    expect((await run(driver, script)).tail).toBe("written");
    expect((await run(driver, script)).tail).toBe("written");
  });

  test.skipIf(!here)("tells the exit code and what was printed last, on both streams", async () => {
    const exit = await run(driver, "echo on standard output; echo on standard error >&2; exit 3");
    expect(exit).toEqual({
      exitCode: 3,
      outOfMemory: false,
      tail: expect.stringContaining("on standard error"),
    });
    expect(exit.tail).toContain("on standard output");
  });

  test.skipIf(!here)("keeps the end of a flood of output and no more than 8 KiB of it", async () => {
    const exit = await run(driver, "yes flood | head -n 200000; echo the end");
    expect(exit.tail.endsWith("the end")).toBe(true);
    expect(exit.tail).toContain("flood");
    expect(Buffer.byteLength(exit.tail)).toBeLessThanOrEqual(8 * 1024);
  });

  test.skipIf(!here)(
    "ends when the worker ends, though a child of the worker holds the output open",
    async () => {
      const exit = await run(driver, "sleep 600 & echo done; exit 0");
      expect(exit).toMatchObject({ exitCode: 0, tail: "done" });
    },
  );

  test.skipIf(!here)("lets the worker end by itself on stop", async () => {
    const ref = await startListening(driver, backdoor, "echo bye; exit 5");
    await driver.stop(ref, 10_000);
    expect(await driver.wait(ref, never)).toMatchObject({ exitCode: 5, tail: "up\nbye" });
  });

  test.skipIf(!here)("kills a worker that does not end within the grace", async () => {
    const ref = await startListening(driver, backdoor, "echo no");
    await driver.stop(ref, 400);
    expect(await driver.wait(ref, never)).toMatchObject({ exitCode: 137, outOfMemory: false });
  });

  test.skipIf(!here)("does nothing on stop when the sandbox has ended or is gone", async () => {
    const ref = await driver.start(spec("exit 4"));
    await driver.wait(ref, never);
    await driver.stop(ref, 1_000);
    expect((await driver.wait(ref, never)).exitCode).toBe(4);
    await driver.remove(ref);
    await driver.stop(ref, 1_000);
  });

  test.skipIf(!here)("removes a running sandbox, and removing again does nothing", async () => {
    const ref = await driver.start(spec("sleep 600"));
    await driver.remove(ref);
    await driver.remove(ref);
    expect(await driver.list()).toEqual([]);
  });

  test.skipIf(!here)(
    "lists what runs and what has ended, and another coordinator on it sees the same",
    async () => {
      const running = await driver.start(spec("sleep 600"));
      const ended = await driver.start(spec("exit 0", { attempt: 7 }));
      await driver.wait(ended, never);
      const byName = (refs: SandboxRef[]) => refs.toSorted((a, b) => a.name.localeCompare(b.name));
      expect(byName(await make().list())).toEqual(byName([running, ended]));
      expect(ended.attempt).toBe(7);
    },
  );

  test.skipIf(!here)("can be waited for and stopped by a coordinator that did not start it", async () => {
    const ref = await startListening(driver, backdoor, "exit 6");
    const later = make();
    const exit = later.wait(ref, never);
    await later.stop(ref, 10_000);
    expect((await exit).exitCode).toBe(6);
  });

  test.skipIf(!here)("tells no exit code for a sandbox that was never there", async () => {
    const ref = { taskId: "t_none", attempt: 1, name: `farhand-${instanceId}-t_none-1` };
    expect(await driver.wait(ref, never)).toEqual({ exitCode: null, outOfMemory: false, tail: "" });
    await driver.stop(ref, 1_000);
  });

  test.skipIf(!here)("notices that the sandbox is taken away while it waits", async () => {
    const ref = await driver.start(spec("sleep 600"));
    const exit = driver.wait(ref, never);
    await Bun.sleep(200);
    await backdoor.destroy(ref);
    // It may still have been there to say that it was killed.
    expect([null, 137]).toContain((await exit).exitCode);
    expect(await driver.list()).toEqual([]);
  });

  test.skipIf(!here)("stops waiting when it is told to, and the sandbox lives on", async () => {
    const ref = await driver.start(spec("sleep 600"));
    const abort = new AbortController();
    const exit = rejection(driver.wait(ref, abort.signal));
    await Bun.sleep(100);
    abort.abort(new Error("enough"));
    expect(await exit).toEqual(new Error("enough"));
    expect(await driver.list()).toEqual([ref]);
  });

  test.skipIf(!here)("starts afresh under a name that a crash left behind", async () => {
    const again = spec(`cd "$${WorkerEnv.workspace}"; ls -A; touch stale; sleep 600`);
    await driver.start(again);
    const ref = await driver.start({ ...again, token: `ls -A "$${WorkerEnv.workspace}"; echo fresh` });
    expect(await driver.wait(ref, never)).toMatchObject({ exitCode: 0, tail: "fresh" });
  });

  test.skipIf(!here)("leaves nothing behind when the start fails, and says what is wrong", async () => {
    const error = await failureOf(broken().start(spec("exit 0")));
    expect(error.code).toBe("sandbox_unavailable");
    expect(error.failure.action).not.toBe("");
    expect(await driver.list()).toEqual([]);
    expect((await broken().check()).ok).toBe(false);
  });

  test.skipIf(!here)("runs several at once without mixing them up", async () => {
    const exits = await Promise.all([1, 2, 3].map((n) => run(driver, `echo I am ${n}; exit ${n}`)));
    expect(exits.map((exit) => [exit.exitCode, exit.tail])).toEqual([
      [1, "I am 1"],
      [2, "I am 2"],
      [3, "I am 3"],
    ]);
  });

  test.skipIf(!here)("is healthy", async () => {
    expect(await driver.check()).toMatchObject({ ok: true });
  });
});
