import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { OUTPUT_MAX_BYTES, PROTOCOL_HEADER, PROTOCOL_VERSION } from "@farhand/protocol";
import { type Agent, openAgent, ranOf } from "./agent.ts";
import { type Arena, LIMITS } from "./arena.ts";
import type { Attack } from "./attack.ts";
import type { WithoutWall } from "./containers.ts";
import { withTheNaiveGateway } from "./naive-gateway.ts";
import { end, grows, memoryOf, processesWith } from "./processes.ts";

const AREA = "resources";
const MiB = 1024 ** 2;
const same: WithoutWall = () => undefined;

/** A task of its own for what may spoil one, archived afterwards. */
async function withAgent<T>(arena: Arena, work: (agent: Agent) => Promise<T>): Promise<T> {
  const agent = await openAgent(arena.world, arena.engine);
  try {
    return await work(agent);
  } finally {
    await arena.world.client.cancelTask(agent.taskId).catch(() => undefined);
    await arena.world.client.archive(agent.taskId).catch(() => undefined);
  }
}

const GIGABYTE = 1_000_000_000;
const CONTROL_BYTES = 6_000_000;
const print = (bytes: number) => `head -c ${bytes} /dev/zero | tr '\\0' x`;

/** Posts events as large as they may be, as the worker itself does, until it is refused or has brought so much. */
const FLOOD_MIB = 32;
/** As the files tell it, which the database fills up first where it has room in them. */
const FLOODED_BYTES = 16 * MiB;
/** Python that asks the gateway as the worker itself does. */
const asWorker = (script: string) => `python3 - <<'PYTHON'
import glob, http.client, json, os, socket
token = next(part.split(b"=", 1)[1].decode() for path in glob.glob("/proc/[0-9]*/environ") if os.access(path, os.R_OK)
    for part in open(path, "rb").read().split(b"\\0") if part.startswith(b"FARHAND_ATTEMPT_TOKEN="))
def ask(method, path, body, kind):
    connection = http.client.HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX); connection.sock.connect("/run/farhand/g.sock")
    connection.request(method, path, body, {"authorization": "Bearer " + token, "${PROTOCOL_HEADER}": "${PROTOCOL_VERSION}", "content-type": kind})
    answer = connection.getresponse(); text = answer.read().decode()
    return answer.status, answer.headers, text
${script}
PYTHON`;
const eventFlood = asWorker(`def post(n):
    event = {"n": n, "at": "2026-01-01T00:00:00.000Z", "event": {"type": "notice", "level": "info", "code": "x", "message": "x" * 900_000}}
    return ask("POST", "/farhand/v1/events", json.dumps({"events": [event]}), "application/json")
status, headers, text = post(10**9)
held = next((int(value) for name, value in headers.items() if "acknowledged" in name.lower()), 0)
taken = 0
while taken < ${FLOOD_MIB} * 1024 * 1024:
    held += 1
    status, headers, text = post(held)
    if status != 200: print("refused:", status, text[:300]); break
    taken += 900_000
print("taken:", taken // (1024 * 1024) >= ${FLOOD_MIB}, taken)`);

/** Brings outputs as large as they may be until one is refused. What is kept of a task's may take so much together. */
const OUTPUTS_MIB = 64;
const outputFlood = asWorker(`taken = 0
def put(n, body): return ask("PUT", "/farhand/v1/output?call=flood" + str(n), body, "text/plain")
for n in range(${OUTPUTS_MIB / 4 + 8}):
    status, headers, text = put(n, b"x" * ${OUTPUT_MAX_BYTES})
    if status >= 300: print("refused:", status, text[:300]); break
    taken += 4
print("taken:", taken)`);

/** Pushes noise to the live checkpoint, over and over: what it held before stays on the host's disk. */
const PUSHED_MIB = LIMITS.workspaceMiB + 48;
const pushFlood = `cd /workspace/repo 2>/dev/null || { rm -rf /workspace/o.git /workspace/repo; git init -q --bare /workspace/o.git; git clone -q /workspace/o.git /workspace/repo 2>/dev/null; cd /workspace/repo; }
git config core.compression 0; git config user.name a; git config user.email a@example.com; pushed=0
for n in $(seq 1 ${Math.ceil(PUSHED_MIB / 24)}); do
head -c 24M /dev/urandom > /tmp/noise; blob=$(git hash-object -w /tmp/noise); tree=$(printf '100644 blob %s\\tnoise\\n' "$blob" | git mktree)
timeout 30 git push -q --force origin "$(git commit-tree -m noise "$tree"):refs/farhand/live" || break
pushed=$((pushed + 24)); rm -rf .git/objects/\${blob:0:2}/\${blob:2}; done; rm -f /tmp/noise
echo "pushed: $pushed"`;

/** Ten to the tenth files, in a dozen objects. */
const treeBomb = `cd /workspace/repo; object=$(echo x | git hash-object -w --stdin); mode='100644 blob'
for level in $(seq 1 10); do object=$(for n in $(seq 0 9); do printf '%s %s\\t%s\\n' "$mode" "$object" "$n"; done | git mktree); mode='040000 tree'; done
commit=$(git commit-tree -p HEAD -m bomb "$object"); git push -q --force origin "$commit:refs/farhand/live" && echo "commit $commit"`;

const MANY = 100_000;
const manyFiles = `cd /workspace/repo; blob=$(echo x | git hash-object -w --stdin)
tree=$(seq 1 ${MANY} | sed "s/.*/100644 blob $blob\\tfile-&/" | git mktree)
commit=$(git commit-tree -p HEAD -m many "$tree"); git push -q --force origin "$commit:refs/farhand/live" && echo "commit $commit"`;

const makings = new Map<string, Promise<{ agent: Agent; commit: string }>>();
/** A task that has pushed what the script makes, the same one for both runs. */
function made(arena: Arena, script: string): Promise<{ agent: Agent; commit: string }> {
  const making =
    makings.get(script) ??
    openAgent(arena.world, arena.engine).then(async (agent) => ({
      agent,
      commit: await pushed(agent, script),
    }));
  makings.set(script, making);
  return making;
}

async function pushed(agent: Agent, script: string): Promise<string> {
  const { output } = await agent.run(script);
  const commit = /commit ([0-9a-f]{40})/.exec(output)?.[1];
  if (commit === undefined) throw new Error(`it could not be pushed: ${output.slice(-300)}`);
  return commit;
}

async function databaseSize(arena: Arena): Promise<number> {
  const folder = arena.world.settings.FARHAND_DATA ?? "";
  return ["agent.db", "agent.db-wal"].reduce((sum, name) => sum + Bun.file(join(folder, name)).size, 0);
}

const bareOf = (arena: Arena, { taskId }: Agent) =>
  join(arena.world.settings.FARHAND_DATA ?? "", `repos/tasks/${taskId}.git`);

const ask = (arena: Arena, path: string, signal: AbortSignal) =>
  fetch(`${arena.coordinatorUrl}/api${path}`, {
    headers: { authorization: `Bearer ${arena.secrets.owner}` },
    signal,
  });

/** Git on the host may use so much for one question; what takes more would take all. */
const GIT_BOUND = { bytes: 700 * MiB, ms: 30_000 };

export const floodAttacks: Attack[] = [
  {
    area: AREA,
    name: "1 GB of output",
    by: "a limit on what a tool may say, and no buffer without one",
    try: (arena) =>
      withAgent(arena, async (agent) => {
        const before = await memoryOf(arena.world.coordinator.process.pid);
        const { output } = await agent.run(print(GIGABYTE));
        const grown = (await memoryOf(arena.world.coordinator.process.pid)) - before;
        const { lastSeq } = await arena.world.client.getTask(agent.taskId);
        const page = await arena.world.client.events(agent.taskId, { before: lastSeq + 1, limit: 100 });
        const stored = JSON.stringify(page).length;
        return {
          succeeded: output.length > MiB || stored > 2 * MiB || grown > 300 * MiB,
          evidence: `${output.length} characters came, ${stored} are in the log, ${Math.round(grown / MiB)} MiB more memory`,
        };
      }),
    async control(arena) {
      // Who reads a command to its end holds all of it; a small part of it is proof enough.
      const { output } = await arena.control(same).run(print(CONTROL_BYTES));
      return { succeeded: output.length >= CONTROL_BYTES, evidence: `${output.length} characters` };
    },
  },
  {
    area: AREA,
    name: "100,000 files in one folder, in the file browser",
    by: "a limit on what one answer lists",
    async try(arena) {
      const { agent, commit } = await made(arena, manyFiles);
      const signal = AbortSignal.timeout(20_000);
      const sizes: number[] = [];
      for (const path of [`files?at=${commit}`, `diff?from=base&to=${commit}`]) {
        const answer = await ask(arena, `/tasks/${agent.taskId}/${path}`, signal);
        if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
        sizes.push((await answer.text()).length);
      }
      return {
        succeeded: Math.max(...sizes) > 8 * MiB,
        evidence: `answers of ${sizes.join(" and ")} characters`,
      };
    },
    async control(arena) {
      const { agent, commit } = await made(arena, manyFiles);
      const child = Bun.spawn(["git", "-C", bareOf(arena, agent), "diff", `${commit}^`, commit], {
        stdio: ["ignore", "pipe", "ignore"],
      });
      const sizeBytes = (await child.stdout.bytes()).byteLength;
      return { succeeded: sizeBytes > 8 * MiB, evidence: `${sizeBytes} bytes` };
    },
  },
  {
    area: AREA,
    name: "ten billion files in a dozen objects (a git bomb)",
    by: "a bound on what git may use for one question",
    async try(arena) {
      const { agent, commit } = await made(arena, treeBomb);
      const asking = new AbortController();
      const answers = ["diff?from=base&to=", "files/search?q=x&at=", "files/search?q=absent&at="].map(
        (question) =>
          ask(arena, `/tasks/${agent.taskId}/${question}${commit}`, asking.signal)
            .then(async (it) => `answered ${it.status}: ${(await it.text()).slice(0, 200)}`)
            .catch(String),
      );
      const answer = Promise.all(answers).then((all) => all.join("\n"));
      const grown = await Promise.race([
        answer,
        grows(() => processesWith(commit), GIT_BOUND).then((it) => ({ grown: it })),
      ]);
      asking.abort();
      return typeof grown === "string"
        ? { succeeded: false, evidence: grown }
        : { succeeded: true, evidence: grown.grown };
    },
    async control(arena) {
      const { agent, commit } = await made(arena, treeBomb);
      const argv = ["git", "-C", bareOf(arena, agent), "diff", "--raw", `${commit}^`, commit];
      const child = Bun.spawn(argv, { stdio: ["ignore", "ignore", "ignore"] });
      const grown = await grows(async () => [child.pid], { bytes: GIT_BOUND.bytes, ms: 20_000 });
      child.kill("SIGKILL");
      return { succeeded: child.exitCode === null, evidence: grown };
    },
  },
  {
    area: AREA,
    name: "filling the host's database with events",
    by: "a limit on what a task may log",
    try: (arena) =>
      withAgent(arena, async (agent) => {
        const before = await databaseSize(arena);
        // The worker's own events have numbers that are taken by then, so that its turn does not end by itself.
        const turn = agent.run(eventFlood).then(
          ({ output }) => output,
          (error: unknown) => String(error),
        );
        let grown = 0;
        const giveUpAt = performance.now() + 30_000;
        const isOver = await Promise.race([
          turn,
          (async () => {
            while (grown < FLOODED_BYTES && performance.now() < giveUpAt) {
              await Bun.sleep(100);
              grown = (await databaseSize(arena)) - before;
            }
            return null;
          })(),
        ]);
        return {
          succeeded: grown >= FLOODED_BYTES,
          evidence: `${Math.round(grown / MiB)} MiB more in the database ${isOver?.slice(-300) ?? ""}`,
        };
      }),
    async control(arena) {
      const { output } = await arena.control(withTheNaiveGateway).run(eventFlood);
      return { succeeded: output.includes("taken: True"), evidence: output.slice(-300) };
    },
  },
  {
    area: AREA,
    name: "filling the host's disk with outputs of tools",
    by: "a limit on what is kept of a task's outputs",
    try: (arena) =>
      withAgent(arena, async (agent) => {
        const { output } = await agent.run(outputFlood, { seconds: 60 });
        if (!output.includes("taken: ")) throw new Error(`it did not come to its end: ${output.slice(-300)}`);
        const kept = join(arena.world.settings.FARHAND_DATA ?? "", `artifacts/${agent.taskId}/outputs`);
        const bytes = await sizeOf(kept);
        return {
          succeeded: bytes === 0 || bytes > OUTPUTS_MIB * MiB,
          evidence: `${Math.round(bytes / MiB)} MiB on the host, ${output.slice(-300)}`,
        };
      }),
    async control(arena) {
      const { output } = await arena.control(withTheNaiveGateway).run(outputFlood, { limitMs: 60_000 });
      return { succeeded: output.includes(`taken: ${OUTPUTS_MIB + 32}`), evidence: output.slice(-200) };
    },
  },
  {
    area: AREA,
    name: "filling the host's disk with pushes",
    by: "a limit on what a task's repository may hold",
    try: (arena) =>
      withAgent(arena, async (agent) => {
        const { output } = await agent.run(pushFlood, { seconds: 80 });
        const bytes = await sizeOf(bareOf(arena, agent));
        return {
          succeeded: bytes > LIMITS.workspaceMiB * MiB,
          evidence: `${Math.round(bytes / MiB)} MiB on the host, ${output.slice(-200)}`,
        };
      }),
    async control(arena) {
      const { output } = await arena.control(withRoom).run(pushFlood, { limitMs: 80_000 });
      return {
        succeeded: output.includes(`pushed: ${Math.ceil(PUSHED_MIB / 24) * 24}`),
        evidence: output.slice(-200),
      };
    },
  },
  {
    area: AREA,
    name: "an endless tool that ignores signals",
    by: "a limit on how long a tool may take",
    async try(arena) {
      const results = await Promise.race([
        arena.world.until(arena.endless, (body) => body.type === "tool.finished"),
        Bun.sleep((LIMITS.toolSeconds + 15) * 1000).then(() => null),
      ]);
      if (results === null) return { succeeded: true, evidence: "it goes on" };
      const { body } = results;
      const text = body.type === "tool.finished" ? ranOf(body.content).output : "";
      return { succeeded: false, evidence: text.slice(0, 200) };
    },
    async control(arena) {
      const container = await arena.control(same).container();
      const word = "while :; do sleep 1.25; done";
      await arena.engine.exec(
        container,
        `(setsid bash -c 'trap "" TERM INT HUP; ${word}' > /dev/null 2>&1 &)`,
      );
      await Bun.sleep(1500);
      const running = await processesWith(word);
      for (const pid of running) end(pid);
      return { succeeded: running.length > 0, evidence: `${running.length} processes go on` };
    },
  },
  {
    area: AREA,
    name: "processes that outlive their task",
    by: "a sandbox is removed with all that is in it",
    async try(arena) {
      const agent = await openAgent(arena.world, arena.engine);
      const word = `sleep 7${Date.now() % 100_000}`;
      await agent.run(`(setsid nohup bash -c 'trap "" TERM; ${word}; true' > /dev/null 2>&1 &); sleep 0.2`);
      if ((await processesWith(word)).length === 0) throw new Error("the process did not start");
      await arena.world.client.archive(agent.taskId);
      const giveUpAt = performance.now() + 15_000;
      while ((await processesWith(word)).length > 0 && performance.now() < giveUpAt) await Bun.sleep(100);
      const left = await processesWith(word);
      return { succeeded: left.length > 0, evidence: `${left.length} processes are left` };
    },
    async control(arena) {
      const word = `sleep 8${Date.now() % 100_000}`;
      await arena
        .control(same)
        .run(`(setsid nohup bash -c 'trap "" TERM; ${word}; true' > /dev/null 2>&1 &)`);
      await Bun.sleep(500);
      const left = await processesWith(word);
      for (const pid of left) end(pid);
      return { succeeded: left.length > 0, evidence: `${left.length} processes are left` };
    },
  },
];

/** As a host's disk is: with more room than a workspace has. */
const withRoom: WithoutWall = ({ HostConfig }) => {
  const { "/workspace": _, ...others } = HostConfig.Tmpfs ?? {};
  HostConfig.Tmpfs = others;
  const Source = `attacks-room-${crypto.randomUUID().slice(0, 8)}`;
  HostConfig.Mounts = [...(HostConfig.Mounts ?? []), { Type: "volume", Source, Target: "/workspace" }];
};

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) => Bun.file(join(entry.parentPath, entry.name)).size);
  return sizes.reduce((sum, size) => sum + size, 0);
}
