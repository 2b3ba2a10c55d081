/**
 * How long from a task's creation to the agent's first model request, beside a bare container of the same image, in
 * turn in one run, so that the ratio holds however fast the machine is just now. Also the memory of the coordinator
 * at rest and of a worker that waits.
 *
 *   FARHAND_WORKER_BINARY=… FARHAND_WORKER_IMAGE=… bun tests/bench/start.ts [rounds]
 */
import { readdir } from "node:fs/promises";
import { engine } from "../e2e/support/docker.ts";
import { needed, openWorld, type World } from "../e2e/support/world.ts";

const rounds = Number(process.argv[2] ?? 10);

interface Round {
  bareMs: number;
  firstRequestMs: number;
  workerReadyMs: number;
}

async function bareContainerMs(): Promise<number> {
  const startedMs = performance.now();
  const created = await fetch("http://docker/containers/create", {
    method: "POST",
    unix: "/var/run/docker.sock",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      Image: needed("FARHAND_WORKER_IMAGE"),
      Entrypoint: ["/bin/true"],
      HostConfig: { NetworkMode: "none" },
    }),
  });
  const { Id } = (await created.json()) as { Id: string };
  await engine("POST", `/containers/${Id}/start`);
  await engine("POST", `/containers/${Id}/wait`);
  const elapsedMs = performance.now() - startedMs;
  await engine("DELETE", `/containers/${Id}?force=1&v=1`);
  return elapsedMs;
}

/** The first request is seen where it arrives, at the model. */
async function taskMs(world: World): Promise<Omit<Round, "bareMs">> {
  const before = world.claude.requests.length;
  const startedMs = performance.now();
  const { id, createdAt } = await world.create({ prompt: "Say hello. [scenario:say-hello]" });
  while (world.claude.requests.length === before) await Bun.sleep(1);
  const firstRequestMs = performance.now() - startedMs;
  await world.ended(id);
  const ready = (await world.events(id)).find(({ body }) => body.type === "worker.ready");
  return { firstRequestMs, workerReadyMs: Date.parse(ready?.at ?? "") - Date.parse(createdAt) };
}

/** Memory of one process that is its own: shared pages divided among those who share them. In KiB. */
async function pssKib(pid: number | string): Promise<number> {
  const text = await Bun.file(`/proc/${pid}/smaps_rollup`).text();
  return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? Number.NaN);
}

async function waitingWorkerPid(): Promise<string | null> {
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const command = await Bun.file(`/proc/${pid}/cmdline`)
      .text()
      .catch(() => "");
    if (command.startsWith("/opt/farhand/worker")) return pid;
  }
  return null;
}

const median = (values: number[]) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return ((sorted[middle] ?? 0) + (sorted[Math.floor((sorted.length - 1) / 2)] ?? 0)) / 2;
};
const range = (values: number[]) => `${Math.min(...values).toFixed(0)}–${Math.max(...values).toFixed(0)}`;
const say = (line: string) => process.stdout.write(`${line}\n`);

await using world = await openWorld();
await taskMs(world);
const measured: Round[] = [];
for (let round = 0; round < rounds; round += 1)
  measured.push({ bareMs: await bareContainerMs(), ...(await taskMs(world)) });

const column = (name: keyof Round) => measured.map((round) => round[name]);
say(`${rounds} rounds, each a bare container and a task in turn; medians (range)`);
say(
  `bare container, --network none, create to exit   ${median(column("bareMs")).toFixed(0)} ms (${range(column("bareMs"))})`,
);
say(
  `task created to worker ready                     ${median(column("workerReadyMs")).toFixed(0)} ms (${range(column("workerReadyMs"))})`,
);
say(
  `task created to first model request              ${median(column("firstRequestMs")).toFixed(0)} ms (${range(column("firstRequestMs"))})`,
);
const ratios = measured.map(({ bareMs, firstRequestMs }) => firstRequestMs / bareMs);
say(`first request / bare container, pair by pair      ${median(ratios).toFixed(2)}`);

await Bun.sleep(3000);
say(
  `coordinator at rest, PSS                          ${((await pssKib(world.coordinator.process.pid)) / 1024).toFixed(0)} MiB`,
);
const { id } = await world.create({ prompt: "Wait. [scenario:sleep-forever]" });
await world.until(id, (body) => body.type === "tool.started");
await Bun.sleep(2000);
const pid = await waitingWorkerPid();
if (pid)
  say(`worker while it waits for a tool, PSS             ${((await pssKib(pid)) / 1024).toFixed(0)} MiB`);
await world.client.cancelTask(id);
await world.ended(id);
