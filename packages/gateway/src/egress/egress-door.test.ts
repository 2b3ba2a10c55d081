import { afterEach, describe, expect, test } from "bun:test";
import { ask, Caller, clientHello, type Listener, listen, type Names, openWay } from "../../test/egress.ts";
import type { Door } from "../../test/fixture.ts";
import { TASK, until } from "../../test/fixture.ts";
import type { EgressCaps } from "./allowance.ts";
import { UNRECOGNIZED_NAME, UNSUPPORTED_EXTENSION } from "./refusal.ts";

const resources: AsyncDisposable[] = [];
afterEach(async () => {
  for (const resource of resources.splice(0).reverse()) await resource[Symbol.asyncDispose]();
});

async function way(
  names: Names = { "a.test": ["127.0.0.1"] },
  caps: Partial<EgressCaps> = {},
): Promise<Door> {
  const door = await openWay(names, caps);
  resources.push(door);
  return door;
}

async function server(onConnection?: Parameters<typeof listen>[0]): Promise<Listener> {
  const listener = await listen(onConnection);
  resources.push(listener);
  return listener;
}

/** A server that sends every byte back. */
const echo = () => server((socket) => socket.pipe(socket));

const connectTo = (port: number, host = "a.test") =>
  `CONNECT ${host}:${port} HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`;
const OPEN = "HTTP/1.1 200 Connection established\r\n\r\n";
const get = (port: number, extra = "") =>
  `GET http://a.test:${port}/x HTTP/1.1\r\nHost: a.test:${port}\r\n${extra}\r\n`;

describe("a tunnel", () => {
  test("carries the hello and all that follows, unchanged in both directions", async () => {
    const { port } = await echo();
    const door = await way();
    const caller = await Caller.connect(door);
    caller.socket.write(connectTo(port));
    await caller.hears(OPEN);
    const sent = Buffer.concat([
      clientHello("a.test"),
      Buffer.from(new Uint8Array(3_000_000).map((_, index) => (index * 7 + (index >> 12)) & 255)),
    ]);
    caller.socket.end(sent);
    await caller.closed();
    expect(Bun.hash(caller.bytes.subarray(OPEN.length))).toBe(Bun.hash(sent));
    expect(door.ports.refusals).toEqual([]);
  });

  test("opens for a hello that comes one byte at a time, together with the request or before the answer", async () => {
    const { port } = await echo();
    const door = await way();
    const hello = clientHello("a.test", { recordBytes: 40 });
    const caller = await Caller.connect(door, null);
    for (const byte of Buffer.concat([Buffer.from(`Bearer one\r\n${connectTo(port)}`), hello])) {
      caller.socket.write(Buffer.from([byte]));
      await Bun.sleep(0);
    }
    caller.socket.end();
    await caller.closed();
    expect(caller.bytes.subarray(OPEN.length)).toEqual(hello);
  });

  test.each<[string, Buffer]>([
    ["names another server", clientHello("b.test")],
    ["names one below it", clientHello("x.a.test")],
    ["names it with a dot behind", clientHello("a.test.")],
    ["names none", clientHello(null)],
    ["names another and hides a second", clientHello("b.test", { extensions: [[0xfe0d, Buffer.alloc(4)]] })],
    ["is too long", Buffer.concat([Buffer.from([22, 3, 1, 0x40, 0, 1, 0, 0x40, 1]), Buffer.alloc(20_000)])],
    ["is no TLS", Buffer.from("GET / HTTP/1.1\r\nHost: b.test\r\n\r\n")],
  ])("is cut when the hello %s, and not a byte of it goes on", async (_, hello) => {
    const upstream = await echo();
    const door = await way();
    const caller = await Caller.connect(door);
    caller.socket.write(connectTo(upstream.port));
    await caller.hears(OPEN);
    caller.socket.write(hello);
    await caller.closed();
    expect(caller.bytes.subarray(OPEN.length)).toEqual(UNRECOGNIZED_NAME);
    expect(upstream.received).toBe("");
    expect(door.ports.refusals).toEqual([{ host: "a.test", port: upstream.port, rule: "server_name" }]);
  });

  test("is cut under a rule of its own when the hello hides a second name, as browsers' do at random", async () => {
    const upstream = await echo();
    const door = await way();
    const caller = await Caller.connect(door);
    caller.socket.write(connectTo(upstream.port));
    await caller.hears(OPEN);
    caller.socket.write(clientHello("a.test", { extensions: [[0xfe0d, Buffer.alloc(4)]] }));
    await caller.closed();
    expect(caller.bytes.subarray(OPEN.length)).toEqual(UNSUPPORTED_EXTENSION);
    expect(upstream.received).toBe("");
    expect(door.ports.refusals).toEqual([{ host: "a.test", port: upstream.port, rule: "encrypted_name" }]);
  });

  test("may hide a second name, and go to an address without one, where every host is open", async () => {
    const { port } = await echo();
    const door = await way();
    door.ports.egressMode = "all";
    door.ports.decide = () => ({ allowed: true, isRaw: false });
    for (const [host, hello] of [
      ["a.test", clientHello("a.test", { extensions: [[0xfe0d, Buffer.alloc(4)]] })],
      ["127.0.0.1", clientHello(null)],
    ] as const) {
      const caller = await Caller.connect(door);
      caller.socket.write(connectTo(port, host));
      await caller.hears(OPEN);
      caller.socket.end(hello);
      await caller.closed();
      expect(caller.bytes.subarray(OPEN.length)).toEqual(hello);
    }
  });

  test("to a port that the user has named carries other protocols too, but no TLS for another server", async () => {
    const upstream = await server((socket) => {
      socket.write("SSH-2.0-there\r\n");
      socket.once("data", () => socket.end("bye"));
    });
    const door = await way();
    door.ports.decide = () => ({ allowed: true, isRaw: true });
    const caller = await Caller.connect(door);
    caller.socket.write(connectTo(upstream.port));
    await caller.hears("SSH-2.0-there");
    caller.socket.write("SSH-2.0-here\r\n");
    await caller.hears("bye");
    caller.socket.end();
    await caller.closed();
    const other = await Caller.connect(door);
    other.socket.write(connectTo(upstream.port));
    await other.hears("SSH-2.0-there");
    other.socket.write(clientHello("b.test"));
    await other.closed();
    expect(upstream.received).toBe("SSH-2.0-here\r\n");
    expect(door.ports.refusals.map(({ rule }) => rule)).toEqual(["server_name"]);
  });

  test("holds a sender back while the receiver does not read", async () => {
    const upstream = await server((socket) => socket.pause());
    const door = await way();
    const caller = await Caller.connect(door);
    caller.socket.write(connectTo(upstream.port));
    await caller.hears(OPEN);
    caller.socket.write(clientHello("a.test"));
    for (let sent = 0; sent < 32; sent++) caller.socket.write(Buffer.alloc(1024 * 1024));
    await Bun.sleep(200);
    expect(caller.socket.writableLength).toBeGreaterThan(0);
    caller.socket.destroy();
  });
});

describe("a plain request", () => {
  const answering = (body: string, extra = "") =>
    server((socket) =>
      socket.once("data", () =>
        socket.end(
          `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nKeep-Alive: 5\r\n${extra}\r\n${body}`,
        ),
      ),
    );

  test("reaches the server with its body, and the answer comes back for one connection alone", async () => {
    const upstream = await answering("hello", "Connection: keep-alive\r\n");
    const door = await way();
    const request = `POST http://a.test:${upstream.port}/x HTTP/1.1\r\nHost: a.test:${upstream.port}\r\nContent-Length: 4\r\n\r\nbody`;
    const received = await ask(door, request);
    expect(received).toBe("HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello");
    expect(upstream.received).toBe(
      `POST /x HTTP/1.1\r\nhost: a.test:${upstream.port}\r\ncontent-length: 4\r\nconnection: close\r\n\r\nbody`,
    );
  });

  test("that brings a second one along leaves that one behind", async () => {
    const upstream = await answering("hello");
    const door = await way();
    await ask(door, `${get(upstream.port)}GET http://b.example/ HTTP/1.1\r\nHost: b.example\r\n\r\n`);
    expect(upstream.received).not.toContain("b.example");
  });

  test("waits for the answer behind early hints, and gives a large one whole", async () => {
    const body = "x".repeat(3_000_000);
    const upstream = await server((socket) =>
      socket.once("data", () =>
        socket.end(`HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n${body}`),
      ),
    );
    const received = await ask(await way(), get(upstream.port));
    expect(received).toBe(`HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n${body}`);
  });

  test.each(["SSH-2.0-x\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n", ""])(
    "that is answered with %j gets a 502",
    async (text) => {
      const upstream = await server((socket) => socket.once("data", () => socket.end(text)));
      expect(await ask(await way(), get(upstream.port))).toStartWith("HTTP/1.1 502 ");
    },
  );
});

describe("what is refused", () => {
  test("is told with the rule and a sentence, in the status line and in the body, and reported", async () => {
    const door = await way();
    for (const request of [
      connectTo(443, "evil.example"),
      "GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    ]) {
      const received = await ask(door, request);
      expect(received).toStartWith(
        "HTTP/1.1 403 evil.example may not be reached: only hosts that the user has listed",
      );
      expect(received).toContain("\r\nx-farhand-rule: not_listed\r\n");
      expect(received.split("\r\n\r\n")[1]).toContain("The user has been told, and can allow the host.\n");
    }
    expect(door.ports.refusals).toEqual([
      { host: "evil.example", port: 443, rule: "not_listed" },
      { host: "evil.example", port: 80, rule: "not_listed" },
    ]);
  });

  test("is a name of which one address is not public, at each new connection anew", async () => {
    const { port } = await echo();
    const names: Names = { "a.test": ["127.0.0.1"] };
    const door = await way(names);
    const first = await Caller.connect(door);
    first.socket.write(connectTo(port));
    await first.hears(OPEN);
    names["a.test"] = ["127.0.0.1", "10.0.0.7"];
    const received = await ask(door, connectTo(port));
    expect(received).toStartWith(
      "HTTP/1.1 403 a.test leads to an address that is not one of the public internet.",
    );
    expect(door.ports.refusals).toEqual([{ host: "a.test", port, rule: "private_address" }]);
    first.socket.destroy();
  });

  test("is never resolved", async () => {
    const asked: string[] = [];
    const door = await way(new Proxy({} as Names, { get: (_, name) => void asked.push(String(name)) }));
    await ask(door, connectTo(443, "secret-word.evil.example"));
    expect(asked).toEqual([]);
    await ask(door, connectTo(443, "b.test"));
    expect(asked).toEqual(["b.test"]);
  });

  test.each<[string, number]>([
    ["GET /v1/messages HTTP/1.1\r\nHost: gateway\r\n\r\n", 400],
    ["\r\n\r\n", 400],
    [`GET http://a.test/ HTTP/1.1\r\nX: ${"x".repeat(40_000)}`, 400],
    [connectTo(443, "unknown.test"), 502],
    [connectTo(1), 502],
  ])("%j is answered with %d", async (request, status) => {
    const door = await way();
    expect(await ask(door, request)).toStartWith(`HTTP/1.1 ${status} `);
    expect(door.ports.refusals).toEqual([]);
  });

  test.each<[string | null, RegExp]>([
    ["wrong", /^HTTP\/1\.1 401 /],
    [null, /^HTTP\/1\.1 401 /],
  ])("is whoever shows the token %p", async (token, answer) => {
    const door = await way();
    expect(await ask(door, connectTo(443), token)).toMatch(answer);
  });

  test("is whoever says nothing", async () => {
    const door = await way(undefined, { patienceMs: 50 });
    expect(await ask(door, "", null)).toBe("");
    expect(await ask(door, "CONNECT a.te")).toBe("");
  });
});

describe("the fence", () => {
  async function tunnel(door: Door): Promise<Caller> {
    const { port } = await echo();
    const caller = await Caller.connect(door);
    caller.socket.write(connectTo(port));
    await caller.hears(OPEN);
    caller.socket.write(clientHello("a.test"));
    await until(() => caller.bytes.length > OPEN.length);
    return caller;
  }

  test("cuts what an attempt has open when a newer one has taken over, and lets no more of it in", async () => {
    const door = await way();
    const caller = await tunnel(door);
    door.ports.attempt = 2;
    await caller.closed();
    expect(await ask(door, connectTo(443))).toStartWith("HTTP/1.1 410 ");
  });

  test("cuts what is open when the turn is over, and lets no more in until the next", async () => {
    const door = await way();
    const caller = await tunnel(door);
    door.ports.isResting = true;
    await caller.closed();
    expect(await ask(door, connectTo(443))).toContain("The turn is over");
  });

  test("cuts what is open when the task's door is closed", async () => {
    const door = await way();
    const caller = await tunnel(door);
    await door.gateway.close(TASK);
    await caller.closed();
  });
});

describe("the caps", () => {
  test("let so many connections through at once, and another when one has ended", async () => {
    const { port } = await echo();
    const door = await way(undefined, { maxConnections: 2 });
    const open = await Promise.all([Caller.connect(door), Caller.connect(door)]);
    for (const caller of open) {
      caller.socket.write(connectTo(port));
      await caller.hears(OPEN);
    }
    expect(await ask(door, connectTo(port))).toStartWith("HTTP/1.1 503 Too many connections");
    open[0]?.socket.destroy();
    for (;;) {
      const caller = await Caller.connect(door);
      caller.socket.write(connectTo(port));
      await caller.hears("\r\n\r\n");
      caller.socket.destroy();
      if (caller.received.startsWith(OPEN)) break;
    }
  });

  test("end a turn's share of bytes in either direction, and give the next turn its own", async () => {
    const upstream = await server((socket) => {
      socket.once("data", () => socket.write(Buffer.alloc(200_000)));
    });
    const door = await way(undefined, { maxDownBytes: 100_000 });
    const caller = await Caller.connect(door);
    caller.socket.write(connectTo(upstream.port));
    await caller.hears(OPEN);
    caller.socket.write(clientHello("a.test"));
    await caller.closed();
    expect(caller.bytes.length).toBeLessThanOrEqual(OPEN.length + 100_000);
    expect(await ask(door, connectTo(upstream.port))).toStartWith(
      "HTTP/1.1 403 This turn has moved as many bytes",
    );
    expect(door.ports.refusals.map(({ rule }) => rule)).toEqual(["bytes", "bytes"]);
    door.ports.turn = 2;
    const next = await Caller.connect(door);
    next.socket.write(connectTo(upstream.port));
    await next.hears(OPEN);
    next.socket.destroy();
  });

  test.each<[string, (n: number) => string, (text: string) => string]>([
    ["heads of requests", (n) => `X-Out: ${"x".repeat(30_000)}${n}\r\n`, () => "HTTP/1.1 200 OK\r\n\r\n"],
    ["heads of answers", () => "", () => `HTTP/1.1 200 OK\r\nX-In: ${"y".repeat(30_000)}\r\n\r\n`],
    [
      "early hints",
      () => "",
      () => `HTTP/1.1 103 Early Hints\r\nLink: ${"z".repeat(30_000)}\r\n\r\nHTTP/1.1 200 OK\r\n\r\n`,
    ],
    ["heads that are no HTTP", () => "", () => `SSH ${"z".repeat(30_000)}\r\n\r\n`],
  ])("count %s too", async (_, extra, answer) => {
    let sent = 0;
    const upstream = await server((socket) =>
      socket.on("data", (data) => {
        if (!String(data).includes("\r\n\r\n")) return;
        sent += answer("").length;
        socket.end(answer(""));
      }),
    );
    const door = await way(undefined, { maxUpBytes: 100_000, maxDownBytes: 100_000 });
    let refused = 0;
    for (let n = 0; n < 10; n++)
      if ((await ask(door, get(upstream.port, extra(n)))).startsWith("HTTP/1.1 403 This turn")) refused++;
    expect(refused).toBeGreaterThanOrEqual(6);
    expect(upstream.received.length).toBeLessThanOrEqual(100_000);
    expect(sent).toBeLessThanOrEqual(130_000);
  });

  test("end an upload that is too large", async () => {
    const upstream = await server();
    const door = await way(undefined, { maxUpBytes: 50_000 });
    const caller = await Caller.connect(door);
    caller.socket.write(connectTo(upstream.port));
    await caller.hears(OPEN);
    caller.socket.write(Buffer.concat([clientHello("a.test"), Buffer.alloc(500_000)]));
    await caller.closed();
    expect(upstream.received.length).toBeLessThanOrEqual(50_000);
  });

  test("end a connection on which nothing moves", async () => {
    const upstream = await server();
    const door = await way(undefined, { idleMs: 100 });
    const caller = await Caller.connect(door);
    caller.socket.write(connectTo(upstream.port));
    await caller.hears(OPEN);
    caller.socket.write(clientHello("a.test"));
    await caller.closed();
  });
});
