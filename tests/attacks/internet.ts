/**
 * A stand-in for the internet: another network namespace, at a public address that nothing of ours owns. It runs as a
 * program in there and prints what it gets, a JSON line each.
 */
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";

/** Where the stand-in is, and the suite's own end of the wire to it. No packet to it leaves the suite's namespaces. */
export const INTERNET = { address: "11.22.33.44", here: "11.22.33.1" } as const;
/** Ports that take whatever they are sent, and the one that speaks HTTP. */
const RAW_PORTS = [22, 443, 8443];
const HTTP_PORT = 80;

export interface Internet extends AsyncDisposable {
  pid: number;
}

/** Makes the namespace and its wire, and starts the program in it. */
export async function openInternet(note: (text: string) => void): Promise<Internet> {
  const child = Bun.spawn(["unshare", "--net", process.execPath, import.meta.path], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  await lines.read();
  const commands = [
    "ip link add fh-net0 type veth peer name fh-net1",
    `ip link set fh-net1 netns ${child.pid}`,
    `ip address add ${INTERNET.here}/24 dev fh-net0`,
    "ip link set fh-net0 up",
  ];
  for (const line of commands) {
    const done = Bun.spawn(line.split(" "), { stdio: ["ignore", "ignore", "inherit"] });
    if ((await done.exited) !== 0) throw new Error(`failed: ${line}`);
  }
  child.stdin.write("up\n");
  await child.stdin.flush();
  await lines.read();
  void (async () => {
    for (;;) {
      const { value, done } = await lines.read();
      if (done) return;
      note(value);
    }
  })();
  return {
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

async function serve(): Promise<void> {
  const say = (text: string) => void process.stdout.write(`${JSON.stringify(text)}\n`);
  say("a namespace of its own");
  for await (const _ of Bun.stdin.stream()) break;
  for (const line of [
    `ip address add ${INTERNET.address}/24 dev fh-net1`,
    "ip link set fh-net1 up",
    "ip link set lo up",
  ])
    await Bun.spawn(line.split(" "), { stdio: ["ignore", "ignore", "inherit"] }).exited;
  for (const port of RAW_PORTS)
    createServer((socket) => {
      socket.on("data", (data) => say(`port ${port}: ${data.toString("latin1")}`));
      socket.on("error", () => socket.destroy());
    }).listen(port, INTERNET.address);
  createHttpServer((request, response) => {
    say(`port 80: ${request.method} ${request.url} ${JSON.stringify(request.headers)}`);
    const to = new URL(request.url ?? "/", "http://internet").searchParams.get("redirect");
    if (to !== null) response.writeHead(302, { location: to, connection: "close" });
    const bytes = Number(new URL(request.url ?? "/", "http://internet").searchParams.get("bytes") ?? 0);
    response.end(`taken by the internet\n${"x".repeat(bytes)}`);
  }).listen(HTTP_PORT, INTERNET.address, () => say("listening"));
}

if (import.meta.main) await serve();
