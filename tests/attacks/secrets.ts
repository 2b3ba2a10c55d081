import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { CANARY } from "../e2e/support/world.ts";
import type { Arena } from "./arena.ts";
import type { Attack, Attempt } from "./attack.ts";
import { type WithoutWall, withTheEnginesSocket } from "./containers.ts";
import { type Aim, shellAttack } from "./shell-attack.ts";
import { newWord } from "./targets.ts";

const AREA = "secrets";
const BY = "no secret in the sandbox";

/** Prints the secrets, a line each. They stand in the script in base64, so that no search finds itself. */
const needles = ({ arena }: Aim) => {
  const encoded = Buffer.from(Object.values(arena.secrets).join("\n")).toString("base64");
  return `needles() { printf '%s' '${encoded}' | base64 -d; }`;
};

const found = (_aim: unknown, { output }: { output: string }) => output.includes("FOUND");

const keyIn = (arena: Arena) => arena.secrets.modelKey ?? "";

const withTheKeyInTheEnvironment: WithoutWall = (settings) => {
  settings.Env = [`ANTHROPIC_API_KEY=${CANARY.modelKey}`];
};
const same: WithoutWall = () => undefined;
const writable: WithoutWall = ({ HostConfig }) => {
  HostConfig.ReadonlyRootfs = false;
};

const scans: Attack[] = [
  shellAttack({
    area: AREA,
    name: "environments and arguments of all processes",
    by: BY,
    script: (aim) =>
      `${needles(aim)}\nfor f in /proc/[0-9]*/environ /proc/[0-9]*/cmdline; do grep -qaF -f <(needles) "$f" 2>/dev/null && echo "FOUND in $f"; done`,
    worked: found,
    without: withTheKeyInTheEnvironment,
  }),
  shellAttack({
    area: AREA,
    name: "every file",
    by: BY,
    script: (aim) =>
      `${needles(aim)}\ngrep -rlaF -D skip --exclude-dir=proc --exclude-dir=sys --exclude-dir=dev -f <(needles) / 2>/dev/null | sed 's/^/FOUND in /'`,
    worked: found,
    without: writable,
    prepare: ({ arena }) => `echo 'machine example.com password ${keyIn(arena)}' > /opt/netrc`,
    prepareUser: "0:0",
  }),
  shellAttack({
    area: AREA,
    name: "the memory of all processes",
    by: BY,
    script: (aim) => `${needles(aim)}\nneedles | python3 -c '
import os, sys
words = sys.stdin.buffer.read().split(b"\\n")
read = 0
for pid in filter(str.isdigit, os.listdir("/proc")):
    if int(pid) in (os.getpid(), os.getppid()): continue
    try:
        maps = open(f"/proc/{pid}/maps").read().splitlines()
        memory = open(f"/proc/{pid}/mem", "rb", 0)
    except OSError: continue
    for line in maps:
        span, rights = line.split()[:2]
        start, end = (int(part, 16) for part in span.split("-"))
        if "w" not in rights: continue
        while start < end and read < 2**31:
            try: memory.seek(start); data = memory.read(min(end - start, 2**24))
            except (OSError, ValueError, OverflowError): break
            if not data: break
            read += len(data); start += len(data)
            if any(word in data for word in words): print("FOUND in memory of", pid)
print("read", read)
'`,
    worked: found,
    without: withTheKeyInTheEnvironment,
  }),
  shellAttack({
    area: AREA,
    name: "git's configuration and credentials",
    by: BY,
    script: (aim) => `${needles(aim)}\ncd /workspace/repo && {
git config --list --show-origin; cat .git/config ~/.gitconfig ~/.git-credentials ~/.netrc ~/.npmrc
git remote -v; printf 'url=%s\\n' "$(git remote get-url origin)" | timeout 5 git credential fill; } 2>&1 | grep -aF -f <(needles) | sed 's/^/FOUND /'`,
    worked: found,
    without: same,
    prepare: ({ arena }) =>
      `rm -rf /workspace/repo; git init -q /workspace/repo && git -C /workspace/repo remote add origin https://x-access-token:${arena.secrets.githubToken}@example.com/a/b.git`,
  }),
  shellAttack({
    area: AREA,
    name: "a core dump of a process",
    by: "a core size of 0 that cannot be raised",
    script: () => `ulimit -c unlimited; cd /tmp && rm -f core*; sleep 5 & kill -SEGV $!; wait $! 2>/dev/null
echo "cores: $(ulimit -c)"; ls core* 2>/dev/null`,
    worked: (_aim, { output }) => output.includes("cores: unlimited"),
    without: ({ HostConfig }) => {
      HostConfig.Ulimits = [{ Name: "core", Soft: 0, Hard: -1 }];
    },
  }),
  shellAttack({
    area: AREA,
    name: "sockets other than the gateway's two",
    by: "no other socket in the sandbox",
    script: () => `python3 -c '
import os, socket
names = {line.split()[-1] for line in open("/proc/net/unix").read().splitlines()[1:] if "/" in line or "@" in line}
for root, _, files in os.walk("/run"): names |= {os.path.join(root, name) for name in files}
for name in sorted(names):
    if name in ("/run/farhand/g.sock", "/run/farhand/e.sock"): continue
    try:
        s = socket.socket(socket.AF_UNIX); s.settimeout(2); s.connect(name.replace("@", chr(0), 1)); s.send(b"GET /_ping HTTP/1.0\\r\\n\\r\\n")
        if s.recv(20): print("FOUND", name)
    except OSError: pass
'`,
    worked: found,
    without: withTheEnginesSocket,
    controlUser: "0:0",
  }),
];

/** What the host keeps and shows: looked through for the secrets after the sandbox has done its worst. */
const traces: Attack = {
  area: AREA,
  name: "database, logs, events and container settings on the host",
  by: "secrets are kept out of all of them",
  async try(arena) {
    await arena.agent.run("env; cat /proc/1/environ");
    const container = await arena.agent.container();
    const details = await arena.engine.call("GET", `/containers/${container}/json`);
    const log = await arena.engine.call("GET", `/containers/${container}/logs?stdout=1&stderr=1`);
    const events = JSON.stringify(await arena.world.events(arena.agent.taskId));
    const shown = [await details.text(), await log.text(), events, arena.world.coordinator.logged()].join(
      "\n",
    );
    const hits = await filesWith(arena, arena.world.settings.FARHAND_DATA ?? "");
    // The owner's own key to the machine is a file of the owner's.
    const wrong = hits.filter((hit) => hit !== "owner.token: owner");
    const names = namesIn(arena, shown);
    return {
      succeeded: wrong.length + names.length > 0,
      evidence: `files: ${wrong.join(", ") || "none"}; shown: ${names.join(", ") || "none"}`,
    };
  },
  async control(arena) {
    await Bun.write(join(arena.folder, "bait", "settings.json"), `{"key":"${keyIn(arena)}"}`);
    const hits = await filesWith(arena, join(arena.folder, "bait"));
    return { succeeded: hits.length > 0, evidence: hits.join(", ") };
  },
};

async function filesWith(arena: Arena, folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const hits: string[] = [];
  for (const entry of entries.filter((it) => it.isFile())) {
    const path = join(entry.parentPath, entry.name);
    // A workspace's disk is the sandbox's own, which the other searches are about, and large.
    if (path.endsWith(".ext4")) continue;
    const text = Buffer.from(await Bun.file(path).bytes()).toString("latin1");
    for (const name of namesIn(arena, text)) hits.push(`${path.slice(folder.length + 1)}: ${name}`);
  }
  return hits;
}

/** Names of the secrets that a text holds, plain or as git and HTTP encode them. */
function namesIn(arena: Arena, text: string): string[] {
  return Object.entries(arena.secrets).flatMap(([name, secret]) => {
    const forms = [secret, btoa(secret), btoa(`x-access-token:${secret}`), encodeURIComponent(secret)];
    return forms.some((form) => text.includes(form)) ? [name] : [];
  });
}

/** Another task of the same person has a word in a file and in a commit that it has not published. */
const otherTasks: Attack[] = [
  {
    area: AREA,
    name: "another task's files",
    by: "a workspace of its own for each sandbox",
    async try(arena) {
      const word = newWord();
      await arena.other.run(`echo ${word} > private.txt`);
      const { output } = await arena.agent.run(searchFor(word));
      return { succeeded: output.includes("FOUND"), evidence: output.slice(-300) };
    },
    async control(arena) {
      const word = newWord();
      const { output } = await arena.other.run(`echo ${word} > private.txt\n${searchFor(word)}`);
      return { succeeded: output.includes("FOUND"), evidence: output.slice(-300) };
    },
  },
  {
    area: AREA,
    name: "another task's commit by its id",
    by: "a repository of its own for each task",
    try: (arena) => fetchFrom(arena, (script) => arena.agent.run(script)),
    control: (arena) => fetchFrom(arena, (script) => arena.other.run(script)),
  },
];

const searchFor = (word: string) => {
  const [one, two] = [word.slice(0, 8), word.slice(8)];
  return `word="${one}""${two}"; grep -rlF -D skip --exclude-dir=proc --exclude-dir=sys --exclude-dir=dev "$word" /workspace /tmp /run /var /home 2>/dev/null | grep -v attack.sh | sed 's/^/FOUND in /'`;
};

async function fetchFrom(arena: Arena, run: Arena["agent"]["run"]): Promise<Attempt> {
  const word = newWord();
  const made = await arena.other.run(
    `echo ${word} > private.txt && git add private.txt && git commit -q -m private && git push -q origin HEAD; echo "commit $(git rev-parse HEAD)"`,
  );
  const commit = /commit ([0-9a-f]{40})/.exec(made.output)?.[1];
  if (commit === undefined) throw new Error(`the other task made no commit: ${made.output}`);
  const { output } = await run(
    `url=$(git -C /workspace/repo remote get-url origin); rm -rf /tmp/fetched && git init -q /tmp/fetched && cd /tmp/fetched && git fetch -q "$url" ${commit} 2>&1; git show ${commit}:private.txt 2>&1`,
  );
  return { succeeded: output.includes(word), evidence: output.slice(-300) };
}

export const secretsAttacks: Attack[] = [...scans, traces, ...otherTasks];
