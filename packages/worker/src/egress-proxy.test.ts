import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EgressProxy } from "./egress-proxy.ts";

let folder: string;
let proxy: EgressProxy;
let gateway: Server;
let onConnection: (socket: Socket) => void;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fw-"));
  gateway = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => undefined);
    onConnection(socket);
  });
  await new Promise<void>((resolve) => gateway.listen(join(folder, "e.sock"), resolve));
  proxy = await EgressProxy.listen({ socket: join(folder, "g.sock"), token: "fha_token" });
});
afterEach(async () => {
  await proxy[Symbol.asyncDispose]();
  gateway.close();
  await rm(folder, { recursive: true, force: true });
});

/** Answers the first bytes with a text, and keeps what it was sent. */
function answering(text: string): { received: string } {
  const heard = { received: "" };
  onConnection = (socket) => {
    socket.on("data", (chunk) => {
      heard.received += chunk.toString("latin1");
      if (heard.received.includes("\r\n\r\n")) socket.end(text);
    });
  };
  return heard;
}

test("a request of a program that knows proxies goes out behind the token", async () => {
  const heard = answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi");
  const answer = await fetch("http://a.test/x", { proxy: proxy.url });
  expect(await answer.text()).toBe("hi");
  expect(heard.received).toStartWith("Bearer fha_token\r\nGET http://a.test/x HTTP/1.1\r\n");
});

test("CONNECT passes as it is, and so does a refusal", async () => {
  const heard = answering("HTTP/1.1 403 no\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
  const curl = Bun.spawn(["curl", "-sv", "--max-time", "5", "--proxy", proxy.url, "https://a.test/"], {
    stdout: "ignore",
    stderr: "pipe",
  });
  expect(await curl.stderr.text()).toContain("HTTP/1.1 403 no");
  expect(heard.received).toStartWith("Bearer fha_token\r\nCONNECT a.test:443 HTTP/1.1\r\n");
});

test("both directions end on their own, and no byte of a large transfer is lost", async () => {
  onConnection = (socket) => {
    const chunks: Buffer[] = [];
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("end", () => socket.end(Buffer.concat(chunks)));
  };
  const sent = new Uint8Array(5_000_000).map((_, index) => (index * 7 + (index >> 12)) & 255);
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  const { port } = new URL(proxy.url);
  const socket = connect({ host: "127.0.0.1", port: Number(port), allowHalfOpen: true });
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.on("end", () => resolve(Buffer.concat(chunks)));
  socket.end(sent);
  const received = await promise;
  expect(received.toString("latin1", 0, 18)).toBe("Bearer fha_token\r\n");
  expect(Bun.hash(received.subarray(18))).toBe(Bun.hash(sent));
});

test("a program that leaves takes its connection to the gateway along", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { promise: opened, resolve: isOpen } = Promise.withResolvers<void>();
  onConnection = (socket) => {
    socket.once("data", () => isOpen());
    socket.once("close", () => resolve());
    socket.on("end", () => socket.end());
  };
  const gone = new AbortController();
  const asked = fetch("http://a.test/", { proxy: proxy.url, signal: gone.signal }).catch(() => null);
  await opened;
  gone.abort();
  await asked;
  await promise;
});

test("while the gateway is away the answer says so", async () => {
  await new Promise((resolve) => gateway.close(resolve));
  await rm(join(folder, "e.sock"), { force: true });
  const answer = await fetch("http://a.test/", { proxy: proxy.url });
  expect([answer.status, answer.statusText]).toEqual([
    502,
    "The way out of this sandbox does not answer just now; try again in a few seconds",
  ]);
});
