import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Task } from "@farhand/protocol";
import { noDocker } from "./support/docker.ts";
import {
  INTERNET,
  isInside,
  openInternet,
  type PrivateInternet,
  runInside,
  whyNoNamespaces,
} from "./support/private-internet.ts";
import { openWorld, type World } from "./support/world.ts";

const excuse = noDocker ? "no Docker engine" : await whyNoNamespaces();
if (excuse !== null) process.stdout.write(`Tests of the way to the network are skipped: ${excuse}.\n`);

/** Names of the small internet. None of them exists anywhere else. */
const NAMES = {
  "registry.example.test": [INTERNET.registry],
  "other.example.test": [INTERNET.registry],
  "moving.example.test": [INTERNET.registry],
  "inside.example.test": [INTERNET.inside],
  "metadata.example.test": [INTERNET.metadata],
  "loopback.example.test": ["127.0.0.1"],
  "this-machine.example.test": [INTERNET.oursPublic],
};
/** Of these, what the user has listed. */
const LISTED = Object.keys(NAMES).filter((name) => name !== "other.example.test");

describe.skipIf(excuse !== null || isInside())("the way to the network", () => {
  test("holds in namespaces where a small internet has public addresses", async () => {
    const { exitCode, output } = await runInside(import.meta.path);
    if (exitCode !== 0) process.stdout.write(output);
    expect(exitCode).toBe(0);
  }, 600_000);
});

describe.skipIf(excuse !== null || !isInside())("from a sandbox", () => {
  let internet: PrivateInternet;
  let world: World;
  let task: Task;
  beforeAll(async () => {
    internet = await openInternet();
    await internet.name(NAMES);
    world = await openWorld({ FARHAND_WARM_SECONDS: "120" });
    await world.client.setEgress({ mode: "list", hosts: LISTED });
    task = await world.create({ prompt: promptOf("true") });
    await world.ended(task.id);
  }, 120_000);
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
    await internet?.[Symbol.asyncDispose]();
  });

  const promptOf = (script: string) =>
    `Do it. [scenario:attack-shell seconds=60 script=${Buffer.from(script).toString("base64")}]`;

  /** Runs a script with the worker's own tool, in the sandbox of the turns before. */
  async function run(script: string): Promise<{ printed: string; refusals: string[] }> {
    const { lastSeq } = await world.client.getTask(task.id);
    await world.client.sendMessage(task.id, { text: promptOf(`${PRELUDE}\n${script}`) });
    await world.ended(task.id, lastSeq);
    const { events } = await world.client.events(task.id, { after: lastSeq, limit: 1000 });
    const bodies = events.map(({ body }) => body);
    const result = bodies.findLast((body) => body.type === "tool.finished");
    return {
      printed: typeof result?.content === "string" ? result.content : JSON.stringify(result?.content),
      refusals: bodies.flatMap((body) =>
        body.type === "egress.refused" ? [`${body.host}:${body.port} ${body.rule}`] : [],
      ),
    };
  }

  let PRELUDE = "";
  beforeAll(() => {
    PRELUDE = `ca=/tmp/ca.pem; cat > "$ca" <<'PEM'\n${internet.ca}PEM\nport=$(printf %s "$HTTP_PROXY" | grep -o '[0-9]*$'); ask() { curl -sS -m 10 --cacert "$ca" "$@" 2>&1; echo "[curl $?]"; }`;
  });

  const seen = async (text: string) => (await internet.seen()).filter((line) => line.includes(text));

  test("npm installs a package of a listed registry through the proxy, over TLS that nobody looks into", async () => {
    const { printed, refusals } = await run(
      `mkdir -p /tmp/npm && cd /tmp/npm && npm install --no-audit --no-fund --fetch-retries=0 --registry=https://registry.example.test/ --cafile="$ca" tiny-package && node -p 'require("tiny-package")'`,
    );
    expect(printed).toContain("installed through the proxy");
    expect(refusals).toEqual([]);
    expect(await seen("GET https://registry.example.test/tiny-package/-/")).toHaveLength(1);
  });

  test("plain HTTP, TLS and an upload reach a listed host", async () => {
    const { printed, refusals } = await run(
      "ask http://registry.example.test/plain; ask https://registry.example.test/tls; ask -d sent-word https://registry.example.test/up; printenv NODE_EXTRA_CA_CERTS",
    );
    expect(printed.match(/you asked registry\.example\.test/g)).toHaveLength(3);
    // What the image trusts is trusted by the agent's programs too.
    expect(printed).toContain("/etc/ssl/certs/ca-certificates.crt");
    expect(refusals).toEqual([]);
    expect(await seen("sent-word")).toHaveLength(1);
  });

  test("a host that is not listed is refused with a sentence, and the user hears of it once", async () => {
    const { printed, refusals } = await run(
      "ask -v https://other.example.test/tls; ask http://other.example.test/plain; ask https://other.example.test/again; pip download --no-deps --retries 0 -d /tmp/pip --index-url https://other.example.test/simple x 2>&1 | head -5",
    );
    expect(printed).toContain(
      "403 other.example.test may not be reached: only hosts that the user has listed may.",
    );
    expect(printed).toContain("This is policy, not a fault");
    expect(printed.match(/\[curl 56\]|\[curl 0\]/g)).toHaveLength(3);
    expect(refusals).toEqual(["other.example.test:443 not_listed"]);
    expect(await seen("other.example.test")).toEqual([]);
  });

  test("TLS for another server than CONNECT named is cut before a byte of it goes on", async () => {
    const { printed, refusals } = await run(
      "ask --connect-to other.example.test:443:registry.example.test:443 https://other.example.test/fronted; ask -H 'Host: other.example.test' http://registry.example.test/fronted; ask -p http://registry.example.test/tunnelled",
    );
    expect(printed).not.toContain("you asked");
    expect(printed).toContain("[curl 35]");
    expect(printed).toContain("Host is not the host of the address");
    expect(refusals).toEqual(["registry.example.test:443 server_name"]);
    expect(await seen("fronted")).toEqual([]);
    expect(await seen("tunnelled")).toEqual([]);
  });

  test("a redirect of a listed host leads no further than the list", async () => {
    const { printed, refusals } = await run(
      "ask -L 'http://registry.example.test/redirect?to=http://other.example.test/away'; ask -L 'https://registry.example.test/redirect?to=http://169.254.169.254/latest'",
    );
    expect(printed).not.toContain("you asked");
    expect(refusals).toEqual(["other.example.test:80 not_listed", "169.254.169.254:80 ip_literal"]);
    expect(await seen("latest")).toEqual([]);
  });

  test("a listed name that leads inward is refused: private, metadata, loopback, this machine", async () => {
    const names = ["inside", "metadata", "loopback", "this-machine"].map((name) => `${name}.example.test`);
    const { printed, refusals } = await run(
      names.map((name) => `ask http://${name}/inward; ask https://${name}/inward`).join("\n"),
    );
    expect(printed).not.toContain("you asked");
    expect(refusals).toEqual(names.map((name) => `${name}:80 private_address`));
    expect(await seen("inward")).toEqual([]);
  });

  test("a name that changes where it leads is looked at anew", async () => {
    const before = await run("ask http://moving.example.test/before");
    expect(before.printed).toContain("you asked moving.example.test");
    await internet.name({ ...NAMES, "moving.example.test": ["127.0.0.1"] });
    const after = await run("ask http://moving.example.test/after");
    await internet.name(NAMES);
    expect(after.printed).not.toContain("you asked");
    expect(after.refusals).toEqual(["moving.example.test:80 private_address"]);
  });

  test("there is no way past the proxy: no TCP, no UDP, no DNS, no other family", async () => {
    const { printed } = await run(
      `ask --noproxy '*' http://${INTERNET.registry}/past-the-proxy
ask --noproxy '*' http://registry.example.test/past-the-proxy
(echo past-the-proxy-tcp > /dev/tcp/${INTERNET.registry}/80) 2>&1; echo "[tcp $?]"
(echo past-the-proxy-udp > /dev/udp/${INTERNET.registry}/53) 2>&1; echo "[udp $?]"
getent hosts registry.example.test; echo "[dns $?]"
ask --noproxy '*' -6 'http://[2606:4700::1111]/past-the-proxy'
cat /proc/net/route | wc -l`,
    );
    expect(printed).not.toContain("you asked");
    expect(printed).toContain("[tcp 1]");
    expect(printed).toContain("[udp 1]");
    expect(printed).toContain("[dns 2]");
    expect(await seen("past-the-proxy")).toEqual([]);
  });

  test("the socket itself takes no other token, and no way around its rules", async () => {
    const { printed } = await run(
      `python3 - <<'PY'
import socket
def ask(first, request):
    s = socket.socket(socket.AF_UNIX); s.settimeout(5); s.connect("/run/farhand/e.sock")
    s.sendall(first + request)
    print(s.recv(200).split(b"\\r\\n")[0].decode()[:60])
ask(b"Bearer fha_wrong\\r\\n", b"CONNECT registry.example.test:443 HTTP/1.1\\r\\n\\r\\n")
ask(b"", b"CONNECT registry.example.test:443 HTTP/1.1\\r\\n\\r\\n")
PY`,
    );
    expect(printed.match(/HTTP\/1\.1 401 /g)).toHaveLength(2);
  });

  test("once the user has allowed the host it can be reached, and the audit log says who did", async () => {
    await world.client.allowHost(task.id, "other.example.test");
    await world.client.allowHost(task.id, "registry.example.test:2525");
    const { printed, refusals } = await run(
      "ask https://other.example.test/allowed; exec 3<>/dev/tcp/127.0.0.1/$port; printf 'CONNECT registry.example.test:2525 HTTP/1.1\\r\\n\\r\\n' >&3; timeout 2 head -n 3 <&3",
    );
    expect(printed).toContain("you asked other.example.test");
    expect(printed).toContain("220 speaks first");
    expect(refusals).toEqual([]);
    const { entries } = await world.client.audit({ limit: 20 });
    expect(entries.filter(({ action }) => action === "host.allowed").map(({ subject }) => subject)).toEqual([
      "registry.example.test:2525",
      "other.example.test",
    ]);
    expect((await world.bodies(task.id, "egress.allowed")).map(({ host }) => host)).toEqual([
      "other.example.test",
      "registry.example.test:2525",
    ]);
  });

  test("a connection does not outlive its turn", async () => {
    await run(
      `(exec 3<>/dev/tcp/127.0.0.1/$port; printf 'CONNECT registry.example.test:2525 HTTP/1.1\\r\\n\\r\\n' >&3; head -c 50 <&3; while sleep 0.2; do echo late-word >&3 || break; done) >/dev/null 2>&1 &
sleep 1`,
    );
    const words = async () => (await seen("late-word")).join("").split("late-word").length - 1;
    expect(await words()).toBeGreaterThan(0);
    // It would come five times a second.
    for (let still = 0, before = 0; still < 4; ) {
      await Bun.sleep(500);
      const now = await words();
      still = now === before ? still + 1 : 0;
      before = now;
    }
  });

  test("nothing can be reached once the network is off", async () => {
    await world.client.setRepositoryEgress({ repository: world.sample.cloneUrl, mode: "none", hosts: [] });
    const { printed, refusals } = await run("ask -v https://registry.example.test/off");
    expect(printed).toContain("403 The network is off for this repository");
    expect(refusals).toEqual(["registry.example.test:443 off"]);
  });
});
