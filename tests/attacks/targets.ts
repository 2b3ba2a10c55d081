import { createServer } from "node:net";
import { BRIDGE } from "./engine.ts";

/** The address that clouds serve credentials on. It is given to this namespace's own loopback. */
export const METADATA_ADDRESS = "169.254.169.254";
export const METADATA_SECRET = "attack-canary-metadata-credential";

/** A socket of the host without a file. */
export const ABSTRACT_NAME = "farhand-attacks-target";

/**
 * What attacks aim at: listeners of the suite in its own namespace. Each remembers all that it was sent, and an attack
 * sends a word that only it knows.
 */
export interface Targets extends AsyncDisposable {
  tcpPort: number;
  udpPort: number;
  httpPort: number;
  /** Base URL of the HTTP target on the bridge. */
  http: string;
  /** Remembers what another listener of the suite got. */
  note(target: string, text: string): void;
  /** Which target got the word, or null. */
  saw(word: string): string | null;
  /** Waits a moment for a word that may be under way. */
  sees(word: string, waitMs?: number): Promise<string | null>;
}

export function newWord(): string {
  return `w${crypto.randomUUID().replaceAll("-", "").slice(0, 20)}`;
}

export async function openTargets(): Promise<Targets> {
  const seen: { target: string; text: string }[] = [];
  const note = (target: string, data: Uint8Array | string) => {
    const text = typeof data === "string" ? data : Buffer.from(data).toString("latin1");
    seen.push({ target, text: text.slice(0, 64 * 1024) });
  };
  const tcp = ["0.0.0.0", "::"].map((hostname, index) =>
    Bun.listen({
      hostname,
      port: index === 0 ? 7001 : 7002,
      ...(hostname === "::" ? { ipv6Only: true } : {}),
      socket: {
        data(socket, data) {
          note(index === 0 ? "TCP" : "IPv6", data);
          socket.end();
        },
      },
    }),
  );
  const udp = await Bun.udpSocket({
    hostname: "0.0.0.0",
    port: 7003,
    socket: { data: (_socket, data) => note("UDP", data) },
  });
  // For containers on the bridge, and for what asks on this side of the wall.
  const dns = await Promise.all(
    [BRIDGE.v4, "127.0.0.1"].map((hostname) =>
      Bun.udpSocket({
        hostname,
        port: 53,
        socket: {
          data(socket, query, port, address) {
            note("DNS", questionOf(query));
            socket.send(dnsAnswer(query), port, address);
          },
        },
      }),
    ),
  );
  const http = Bun.serve<undefined>({
    hostname: "0.0.0.0",
    port: 7004,
    async fetch(request, server) {
      note("HTTP", `${request.method} ${request.url} ${[...request.headers].join(" ")}`);
      if (server.upgrade(request)) return undefined;
      note("HTTP", await request.text());
      const to = new URL(request.url).searchParams.get("redirect");
      if (to !== null) return new Response(null, { status: 302, headers: { location: to } });
      return new Response("taken\n");
    },
    websocket: { message: (_socket, message) => note("WebSocket", String(message)) },
  });
  const abstract = createServer((socket) => socket.on("data", (data) => note("abstract socket", data)));
  await new Promise<void>((resolve) => abstract.listen(`\0${ABSTRACT_NAME}`, resolve));
  const metadata = Bun.serve({
    hostname: METADATA_ADDRESS,
    port: 80,
    fetch(request) {
      note("metadata", `${request.method} ${request.url}`);
      return new Response(`{"AccessKeyId":"${METADATA_SECRET}"}\n`);
    },
  });
  const saw = (word: string) => seen.find(({ text }) => text.includes(word))?.target ?? null;
  return {
    tcpPort: 7001,
    udpPort: 7003,
    httpPort: 7004,
    http: `http://${BRIDGE.v4}:7004`,
    note,
    saw,
    async sees(word, waitMs = 300) {
      const giveUpAt = performance.now() + waitMs;
      while (saw(word) === null && performance.now() < giveUpAt) await Bun.sleep(20);
      return saw(word);
    },
    async [Symbol.asyncDispose]() {
      for (const listener of tcp) listener.stop(true);
      udp.close();
      for (const one of dns) one.close();
      abstract.close();
      await Promise.all([http.stop(true), metadata.stop(true)]);
    },
  };
}

/** The name that a DNS query asks for. */
function questionOf(query: Uint8Array): string {
  const labels: string[] = [];
  let at = 12;
  while ((query[at] ?? 0) > 0) {
    const size = query[at] ?? 0;
    labels.push(Buffer.from(query.subarray(at + 1, at + 1 + size)).toString("latin1"));
    at += 1 + size;
  }
  return labels.join(".").toLowerCase();
}

/** An answer without records, so that nobody asks again. */
function dnsAnswer(query: Uint8Array): Uint8Array {
  const answer = Buffer.from(query);
  answer[2] = 0x81;
  answer[3] = 0x80;
  return answer;
}
