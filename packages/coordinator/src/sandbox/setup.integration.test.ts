import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { WorkerEnv } from "@farhand/protocol";
import Docker from "dockerode";
import { FarhandError } from "../domain/failure.ts";
import type { SetupResult, SetupSpec } from "../domain/ports.ts";
import { createDockerDriver, DOCKER_SOCKET } from "./docker.ts";
import type { EngineCall } from "./docker-workspace.ts";
import { redact, runSetup, type SetupOptions } from "./setup.ts";
import { importTinyImage } from "./tiny-image.fixture.ts";

setDefaultTimeout(60_000);

const MIB = 1024 ** 2;
const CANARY = "canary-of-a-repository-0123456789";
const instanceId = `setup${process.pid}`;
const image = `farhand-test/setup:${process.pid}`;
const docker = new Docker({ socketPath: DOCKER_SOCKET });
const engineAnswers = await docker.ping().then(
  () => true,
  () => false,
);
const folder = await mkdtemp(join(tmpdir(), "farhand-setup-"));
const workerBinaryPath = join(folder, "worker");
const socketDirectory = join(folder, "socket");
const driver = createDockerDriver({ instanceId, image, workerBinaryPath });
const never = new AbortController().signal;
const KEY = "-----BEGIN KEY-----\nAAAAB3NzaC1yc2EAAAADAQABAAAB\nZm9vYmFyZm9vYmFyZm9v\n-----END KEY-----\n";
const frame = { instanceId, image, workerBinaryPath, logDriver: "local" as const };
const call: EngineCall = (work, fine = []) =>
  work.catch((error: { statusCode: number }) => {
    if (fine.includes(error.statusCode)) return null;
    throw error;
  });
const ours = { label: [`farhand.instance=${instanceId}`] };

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
  if (engineAnswers) {
    for (const { Id } of await docker.listImages({ filters: ours }))
      await docker.getImage(Id).remove({ force: true });
    await docker.getImage(image).remove({ force: true });
  }
  await rm(folder, { recursive: true, force: true });
});

let lastTask = 0;
function spec(script: string, change: Partial<SetupSpec> = {}): SetupSpec {
  lastTask += 1;
  return {
    taskId: `t_${String(lastTask).padStart(26, "0")}`,
    attempt: 1,
    token: "sleep 600",
    socketDirectory,
    socketName: "gateway.sock",
    limits: { memoryBytes: 256 * MIB, cpus: 2, pids: 64 },
    script,
    environment: { PACKAGE_TOKEN: CANARY },
    scope: "u_owner example.org/shop",
    limitMs: 60_000,
    ...change,
  };
}

async function setUp(it: SetupSpec, signal = never): Promise<SetupResult> {
  if (driver.setUp === null) throw new Error("the docker driver sets up");
  return driver.setUp(it, signal);
}

async function failureOf(work: Promise<unknown>): Promise<FarhandError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof FarhandError)) throw new Error(`expected a FarhandError, got ${String(error)}`);
  return error;
}

async function agentOn(setup: SetupResult, script: string): Promise<string> {
  if (setup.image === null) throw new Error(`the setup failed: ${setup.tail}`);
  const ref = await driver.start({ ...spec(""), token: script, image: setup.image });
  const { tail } = await driver.wait(ref, never);
  await driver.remove(ref);
  return tail;
}

describe.skipIf(!engineAnswers)("a repository's setup", () => {
  test("changes the system as root, and the agent finds it changed, without the rights and the secrets", async () => {
    const setup = await setUp(
      spec('echo "$PACKAGE_TOKEN" >/tmp/used; echo installed >/etc/made; id -u; cat /tmp/used'),
    );
    expect(setup).toMatchObject({ exitCode: 0, isCached: false, tail: "0\n[secret]" });
    const found = await agentOn(
      setup,
      "cat /etc/made; id -u; ls -A /tmp /workspace; env; grep CapBnd /proc/self/status",
    );
    expect(found).toContain("installed\n10001\n");
    expect(found).not.toContain("used");
    expect(found).not.toContain(CANARY);
    expect(found).not.toContain("PACKAGE_TOKEN");
    expect(found).toContain(`CapBnd:\t${"0".repeat(16)}`);
  });

  test("leaves its secrets neither in the image nor in its history, and no container", async () => {
    const { image: made } = await setUp(spec("echo secrets >/etc/x"));
    const kept = docker.getImage(made ?? "");
    const told = JSON.stringify([await kept.inspect(), await kept.history()]);
    expect(told).toContain(instanceId);
    expect(told).not.toContain(CANARY);
    expect(told).not.toContain("PACKAGE_TOKEN");
    expect(await docker.listContainers({ all: true, filters: ours })).toEqual([]);
  });

  test("has the rights that package managers need and no others, and no network", async () => {
    const { tail } = await setUp(
      spec(
        "grep -E 'Cap(Eff|Bnd)|NoNewPrivs|Seccomp:' /proc/self/status; ls /sys/class/net; chown 1:1 /etc/passwd",
      ),
    );
    // CHOWN, DAC_OVERRIDE, FOWNER, SETGID, SETUID: bits 0, 1, 3, 6 and 7.
    const rights = (0b1100_1011).toString(16).padStart(16, "0");
    expect(tail).toBe(`CapEff:\t${rights}\nCapBnd:\t${rights}\nNoNewPrivs:\t1\nSeccomp:\t2\nlo`);
  });

  test("is done once for the same script and the same secrets, and for each of them again", async () => {
    const script = "echo once >/etc/once";
    const first = await setUp(spec(script));
    expect(await setUp(spec(script))).toEqual({ image: first.image, isCached: true, exitCode: 0, tail: "" });
    const others = [
      await setUp(spec(`${script} # changed`)),
      await setUp(spec(script, { environment: { PACKAGE_TOKEN: "another" } })),
      await setUp(spec(script, { scope: "u_other example.org/shop" })),
    ];
    expect(new Set([first, ...others].map((it) => it.image)).size).toBe(4);
    expect(others.every((it) => !it.isCached)).toBe(true);
  });

  test("that fails gives its exit code and its last lines, and is not kept", async () => {
    const script = "echo half >/etc/half; echo no such package >&2; exit 100";
    expect(await setUp(spec(script))).toEqual({
      image: null,
      isCached: false,
      exitCode: 100,
      tail: "no such package",
    });
    expect((await setUp(spec(script))).isCached).toBe(false);
    expect(await docker.listContainers({ all: true, filters: ours })).toEqual([]);
  });

  test("that takes too long is ended with a sentence, and one that is no longer wanted at once", async () => {
    const slow = await failureOf(setUp(spec("sleep 600", { limitMs: 500 })));
    expect(slow.failure).toMatchObject({
      code: "setup_failed",
      message: expect.stringContaining("did not end"),
    });
    const abort = new AbortController();
    const ended = setUp(spec("sleep 600"), abort.signal).catch((error: unknown) => error);
    await Bun.sleep(500);
    abort.abort(new Error("cancelled"));
    expect(await ended).toEqual(new Error("cancelled"));
    expect(await docker.listContainers({ all: true, filters: ours })).toEqual([]);
  });

  test("that writes too much, or too many files, is not kept", async () => {
    const within = (script: string, bounds: Partial<SetupOptions> = {}) =>
      runSetup(
        { docker, call, instanceId, maxBytes: 8 * MIB, maxFiles: 300, tail: async () => "", ...bounds },
        { ...frame, name: `farhand-${instanceId}-big-setup` },
        spec(script),
        never,
      );
    const large = "head -c 9m /dev/zero >/etc/big";
    expect((await failureOf(within(large))).message).toContain("more than 8 MiB");
    const many =
      "mkdir /etc/many; cd /etc/many; touch $(n=0; while [ $n -lt 400 ]; do echo $n; n=$((n+1)); done)";
    expect((await failureOf(within(many))).message).toContain("more than 300 files");
    // One that would go on for ever is ended long before its time is up.
    const endless = "mkdir /etc/many; cd /etc/many; n=0; while :; do : >$n; n=$((n+1)); done";
    expect((await failureOf(within(endless))).message).toContain("more than 300 files");
    // The control: the same passes where there is room for it.
    expect(await within(large, { maxBytes: 16 * MIB })).toMatchObject({ exitCode: 0 });
    expect(await within(many, { maxFiles: 1000 })).toMatchObject({ exitCode: 0 });
  });

  test("that leaves a secret where the agent could read it is not kept, and no more is said than that", async () => {
    const error = await failureOf(setUp(spec('echo "token=$PACKAGE_TOKEN" >/etc/settings')));
    expect(error.failure).toMatchObject({ code: "setup_failed", message: expect.stringContaining("secret") });
    expect(JSON.stringify(error.failure)).not.toContain(CANARY);
    // What is not kept, and what is gone at the end, is no harm.
    const clean =
      'for at in /tmp /workspace /etc; do echo "$PACKAGE_TOKEN" >$at/settings; done; echo nothing >/etc/settings';
    expect(await setUp(spec(clean))).toMatchObject({ exitCode: 0 });
  });

  test.each([
    ["after it has emptied /tmp", 'echo "$PACKAGE_TOKEN" >/etc/leak; rm -rf /tmp/*'],
    [
      "with no tool left to search with",
      'echo "$PACKAGE_TOKEN" >/etc/leak; for tool in find grep test env; do echo "exit 0" >/bin/$tool; done',
    ],
    ["with an old date", 'echo "$PACKAGE_TOKEN" >/etc/leak; touch -d 2001-01-01 /etc/leak'],
    ["as the name of a file", 'touch "/etc/$PACKAGE_TOKEN"'],
    ["as what a link leads to", 'ln -s "$PACKAGE_TOKEN" /etc/link'],
    ["under a name that is no text", 'echo "$PACKAGE_TOKEN" >"/etc/$(printf \'a\\377\\376\\303b\')"'],
    ["in base64 behind a user's name", 'printf "somebody:%s" "$PACKAGE_TOKEN" | base64 >/etc/npmrc'],
    ["in a file that was there", 'echo "# $PACKAGE_TOKEN" >>/etc/passwd'],
    ["by one line of a key", 'printf "%s" "$KEY" >/tmp/key; head -n 2 /tmp/key >/etc/part'],
    ["behind a process that goes on", 'echo "$PACKAGE_TOKEN" >/etc/leak; (trap "" HUP TERM; sleep 600) &'],
  ])("that leaves a secret %s is not kept", async (_name, script) => {
    const environment = { PACKAGE_TOKEN: CANARY, KEY };
    const error = await failureOf(setUp(spec(script, { environment })));
    expect(error.failure).toMatchObject({
      code: "setup_failed",
      message: expect.stringContaining("left a secret"),
    });
    // The control: the same script without the secret's value is kept, so it is the search that stopped it.
    const other = { PACKAGE_TOKEN: "short", KEY: "none" };
    expect((await setUp(spec(script, { environment: other }))).image).not.toBeNull();
  });

  test("that cannot be searched is not kept", async () => {
    const broken: EngineCall = async (work, fine) => {
      const answer = await call(work, fine);
      if (answer instanceof Readable) answer.destroy(new Error("the engine went away"));
      return answer;
    };
    const options = { docker, instanceId, maxBytes: 8 * MIB, maxFiles: 300, tail: async () => "" };
    const run = (by: EngineCall) =>
      runSetup(
        { ...options, call: by },
        { ...frame, name: `farhand-${instanceId}-odd-setup` },
        spec("echo harmless >/etc/odd"),
        never,
      );
    expect((await failureOf(run(broken))).message).toContain("could not be searched");
    expect((await run(call)).exitCode).toBe(0);
  });

  test("that leaves a socket behind is kept, as there is nothing in one", async () => {
    const bind = `socket(S, 1, 1, 0); bind(S, pack("Sa108", 1, "/etc/left.sock")) or exit 1`;
    expect((await setUp(spec(`perl -e '${bind}' && test -S /etc/left.sock`))).exitCode).toBe(0);
    const named = bind.replace("left", "$ENV{PACKAGE_TOKEN}").replace('"/etc', '"/etc');
    expect((await failureOf(setUp(spec(`perl -e '${named}'`)))).message).toContain("left a secret");
  });

  test("that a crash has left is removed with its sandbox", async () => {
    const it = spec("sleep 600");
    const abort = new AbortController();
    const ended = setUp(it, abort.signal).catch(() => "ended");
    while ((await driver.list()).length === 0) await Bun.sleep(20);
    const [ref] = await driver.list();
    expect(ref).toMatchObject({ taskId: it.taskId, attempt: 1 });
    if (ref) await driver.remove(ref);
    expect(await driver.list()).toEqual([]);
    abort.abort();
    expect(await ended).toBe("ended");
  });
});

test("what a setup printed is shown without the secrets, the longer ones first", () => {
  expect(redact("a secret-long and a secret", ["secret", "secret-long", ""])).toBe(
    "a [secret] and a [secret]",
  );
  expect(redact(`key: ${KEY}`, [KEY])).not.toMatch(/AAAAB3|Zm9v/);
  expect(redact("second line Zm9vYmFyZm9vYmFyZm9v", [KEY])).toBe("second line [secret]");
  expect(redact(`auth ${btoa(`user:${CANARY}`)}`, [CANARY])).toMatch(/^auth .{0,8}\[secret\].{0,4}$/);
});
