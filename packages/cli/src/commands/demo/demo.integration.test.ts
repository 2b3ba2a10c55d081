import { afterAll, expect, test } from "bun:test";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";
import { findContainers } from "../../setup/task-containers.ts";

const TIMEOUT_MS = 120_000;
const temporary = await mkdtemp(join(tmpdir(), "fh-demo-test-"));
afterAll(() => rm(temporary, { recursive: true, force: true }));

function startDemo(argv: string[], env: Record<string, string> = {}) {
  return Bun.spawn([process.execPath, join(import.meta.dir, "../../main.ts"), "demo", "--json", ...argv], {
    // The user's own settings, which must not reach the demo.
    env: { ...process.env, FARHAND_PORT: "1", ANTHROPIC_API_KEY: "sk-ant-mine", TMPDIR: temporary, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
}

/** Reads JSON lines, and calls back for each. */
async function readLines(
  stream: ReadableStream<Uint8Array>,
  onLine: (line: Record<string, unknown>) => void,
) {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(JSON.parse(line));
  }
}

test(
  "the demo ends with a pull request whose test passes, and leaves nothing behind",
  async () => {
    const child = startDemo([]);
    const lines: Record<string, unknown>[] = [];
    await readLines(child.stdout, (line) => lines.push(line));
    expect(await child.exited).toBe(0);
    const result = lines.at(-1) ?? {};
    expect(Object.keys(result)).toEqual([
      "result",
      "taskId",
      "branch",
      "pullRequestUrl",
      "filesChanged",
      "containerRemoved",
      "timingsMs",
    ]);
    expect(result).toMatchObject({ result: "idle", filesChanged: 1, containerRemoved: true });
    expect(result.pullRequestUrl).toMatch(/\/pull\/1$/);
    expect(result.timingsMs).toMatchObject({ setup: expect.any(Number), total: expect.any(Number) });
    expect(await readdir(temporary)).toEqual([]);
  },
  TIMEOUT_MS,
);

// Set by `./farhand test` where no Docker can be had.
const noDocker = process.env.FARHAND_SANDBOX === "process";
if (noDocker)
  process.stdout.write("The demo's interruption is skipped: no Docker engine can be used on this machine.\n");

test.skipIf(noDocker)(
  "a demo that is interrupted while the agent works removes its container, servers and folders",
  async () => {
    const child = startDemo([]);
    let taskId = "";
    let containersMeanwhile: string[] = [];
    const docker = new Docker();
    await readLines(child.stdout, (line) => {
      const event = line.event as { taskId: string; body: { type: string } } | undefined;
      if (event?.body.type !== "tool.started" || taskId !== "") return;
      taskId = event.taskId;
      void findContainers(docker, taskId)
        .then((found) => {
          containersMeanwhile = found;
        })
        .finally(() => child.kill("SIGINT"));
    });
    expect(await child.exited).toBe(130);
    expect(containersMeanwhile).toHaveLength(1);
    expect(await findContainers(docker, taskId)).toEqual([]);
    expect(await readdir(temporary)).toEqual([]);
  },
  TIMEOUT_MS,
);
