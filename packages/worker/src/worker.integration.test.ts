import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LIVE_REF, WorkerEnv, WorkerExit } from "@farhand/protocol";
import { TestGateway } from "../test/gateway.ts";
import { type ModelDouble, startScenario } from "../test/models.ts";
import { pidIn, untilDead } from "../test/processes.ts";
import { until } from "../test/until.ts";

let folder: string;
let binary: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "worker-"));
  binary = join(folder, "farhand-worker");
  const script = join(import.meta.dir, "../build.ts");
  const build = Bun.spawn([process.execPath, script, binary], { stdout: "ignore", stderr: "inherit" });
  expect(await build.exited).toBe(0);
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  await cleanup.disposeAsync();
  cleanup = new AsyncDisposableStack();
});

async function gatewayOver(starting: Promise<ModelDouble>): Promise<TestGateway> {
  const model = cleanup.use(await starting);
  return cleanup.use(await TestGateway.start(model.url));
}

function start(gateway: TestGateway, env: Record<string, string> = {}) {
  const child = Bun.spawn([binary], {
    cwd: gateway.folder,
    env: {
      PATH: process.env.PATH ?? "",
      [WorkerEnv.socket]: gateway.socket,
      [WorkerEnv.token]: gateway.token,
      [WorkerEnv.workspace]: gateway.workspace,
      ...env,
    },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  cleanup.defer(async () => {
    child.kill("SIGKILL");
    await child.exited;
  });
  return child;
}

const bash = (command: string) => ({ name: "bash", input: { command } });
const finish = { name: "finish", input: { title: "Add", summary: "Added." } };

test("the compiled worker does a turn with every tool, says nothing aside, and exits with 0", async () => {
  const gateway = await gatewayOver(
    startScenario([
      {
        text: "Looking.",
        toolUses: [
          { name: "glob", input: { pattern: "*.sh" } },
          { name: "grep", input: { pattern: "\\$1 - \\$2" } },
          { name: "read", input: { file_path: "sum.sh" } },
        ],
      },
      {
        toolUses: [
          { name: "edit", input: { file_path: "sum.sh", old_string: "-", new_string: "+" } },
          { name: "write", input: { file_path: "docs/sum.md", content: "It adds.\n" } },
          bash("./test.sh && echo mended; sleep 600 &"),
        ],
      },
      { toolUses: [finish] },
    ]),
  );
  // What a repository or an image may leave lying about must not steer the worker.
  await writeFile(
    join(gateway.folder, ".env"),
    "ANTHROPIC_BASE_URL=http://127.0.0.1:9\nHTTP_PROXY=http://127.0.0.1:9\n",
  );
  await writeFile(join(gateway.folder, "bunfig.toml"), 'preload = ["/nowhere.ts"]\n');
  const worker = start(gateway, { ANTHROPIC_LOG: "debug", ANTHROPIC_CUSTOM_HEADERS: "x-y: z" });
  const [exitCode, stdout, stderr] = await Promise.all([
    worker.exited,
    new Response(worker.stdout).text(),
    new Response(worker.stderr).text(),
  ]);
  expect({ exitCode, stdout, stderr }).toEqual({ exitCode: WorkerExit.done, stdout: "", stderr: "" });
  expect(gateway.events("tool.finished").filter(({ isError }) => isError)).toEqual([]);
  expect(gateway.events("tool.finished").map(({ content }) => content)).toContain("mended");
  expect(gateway.events("worker.ready")[0]?.startMs).toBeGreaterThan(0);
  expect(gateway.events("turn.finished")).toHaveLength(1);
  expect(await gateway.repository.git("log", "--format=%s", "farhand/mend")).toBe("Add\nFirst\n");
});

test("SIGTERM ends it with 143, its tool killed, its work saved and its events sent", async () => {
  const gateway = await gatewayOver(
    startScenario([{ toolUses: [bash("echo half > half; echo $$ > ../pid; exec sleep 600")] }]),
  );
  const worker = start(gateway);
  const pid = await pidIn(join(gateway.workspace, "pid"));
  worker.kill("SIGTERM");
  expect(await worker.exited).toBe(143);
  await untilDead(pid);
  expect(gateway.types().slice(-2)).toEqual(["tool.started", "checkpoint.saved"]);
  expect(await gateway.repository.git("show", `${LIVE_REF}:half`)).toBe("half\n");
});

test("it does one turn after the other, and SIGTERM ends its rest", async () => {
  const gateway = await gatewayOver(
    startScenario([{ toolUses: [bash("echo 1 > one"), finish] }, { toolUses: [bash("cat one"), finish] }]),
  );
  gateway.holds = true;
  const worker = start(gateway);
  await until(() => gateway.types().at(-1) === "turn.finished");
  gateway.nextTurn("And again");
  await until(() => gateway.events("turn.finished").length === 2);
  worker.kill("SIGTERM");
  expect(await worker.exited).toBe(143);
  expect(gateway.events("worker.ready")).toHaveLength(1);
  expect(gateway.events("tool.finished").at(-2)?.content).toBe("1");
  expect(gateway.violations).toEqual([]);
});

test("without its variables it exits with a sentence", async () => {
  const gateway = await gatewayOver(startScenario([{ text: "Hello." }]));
  const worker = start(gateway, { [WorkerEnv.token]: "" });
  expect(await worker.exited).toBe(WorkerExit.crashed);
  expect(await new Response(worker.stderr).text()).toContain(WorkerEnv.token);
});

test("a disk that is full while cloning fails the turn as such", async () => {
  if (process.getuid?.() !== 0) {
    process.stderr.write("not run: a small disk can only be mounted by root\n");
    return;
  }
  const gateway = await gatewayOver(startScenario([{ text: "Hello." }]));
  await mkdir(gateway.workspace);
  await run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", gateway.workspace);
  cleanup.defer(() => run("umount", "-l", gateway.workspace));
  // More than the disk holds, in a form that does not compress.
  const noise = Buffer.from(crypto.getRandomValues(new Uint8Array(60_000)));
  for (let index = 0; index < 8; index++)
    await writeFile(join(gateway.folder, "seed", `noise${index}`), `${noise.toString("base64")}${index}`);
  const seed = join(gateway.folder, "seed");
  await run("git", "-C", seed, "add", "--all");
  await run(
    "git",
    "-C",
    seed,
    "-c",
    "user.name=A",
    "-c",
    "user.email=a@example.org",
    "commit",
    "--quiet",
    "-mnoise",
  );
  await run("git", "-C", seed, "push", "--quiet", gateway.repository.path, "main");
  const worker = start(gateway);
  expect(await worker.exited).toBe(WorkerExit.done);
  expect(gateway.events("turn.failed")).toMatchObject([{ failure: { code: "disk_full", retryable: true } }]);
});

async function run(...command: string[]): Promise<void> {
  const child = Bun.spawn(command, { stdout: "ignore", stderr: "pipe" });
  if ((await child.exited) !== 0)
    throw new Error(`${command[0]}: ${await new Response(child.stderr).text()}`);
}
