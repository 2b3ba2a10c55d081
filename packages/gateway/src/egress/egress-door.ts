import type { Socket } from "node:net";
import type { EgressMode, EgressRule } from "@farhand/protocol";
import type { Fence, Passage } from "../fence.ts";
import type { EgressPolicy, GatewayPorts } from "../ports.ts";
import { Allowance, type EgressCaps } from "./allowance.ts";
import { type Gathered, gather } from "./byte-source.ts";
import { CLIENT_HELLO_MAX_BYTES, readClientHello } from "./client-hello.ts";
import { type Dialled, type DialOptions, dial } from "./dial.ts";
import { answer, type End, endOf, finished, forward, type Moves } from "./end.ts";
import { exchange } from "./exchange.ts";
import { HEAD_MAX_BYTES, readHead } from "./http-head.ts";
import { type ProxyRequest, readProxyRequest, type Target } from "./proxy-request.ts";
import { proxyAnswer, sentenceOf, UNRECOGNIZED_NAME, UNSUPPORTED_EXTENSION } from "./refusal.ts";

const TOKEN_LINE_MAX_BYTES = 512;

export interface EgressDoorOptions {
  ports: Pick<GatewayPorts, "egress" | "egressRefused">;
  fence: Fence;
  caps: EgressCaps;
  dial: DialOptions;
  onError(error: unknown): void;
}

/**
 * One task's way out: an HTTP proxy that lets a connection through when the user's policy, the address behind the name
 * and the server that TLS names all agree, and that cuts it when its attempt is over, rests or has had its share.
 */
export class EgressDoor {
  readonly #options: EgressDoorOptions;
  readonly #allowance: Allowance;

  constructor(options: EgressDoorOptions) {
    this.#options = options;
    this.#allowance = new Allowance(options.caps);
  }

  /** Serves one connection from its first byte to its last. Never rejects. */
  async serve(socket: Socket): Promise<void> {
    const client = endOf(socket);
    try {
      await this.#admit(client);
    } catch (error) {
      this.#options.onError(error);
      await answer(client, proxyAnswer(503, "The way out cannot be used just now. Try again in a moment."));
    }
  }

  async #admit(client: End): Promise<void> {
    const line = await this.#gather(client, TOKEN_LINE_MAX_BYTES, readTokenLine);
    if (line.status !== "found") return;
    const { token, rest } = line.value;
    client.source.unread(rest);
    const gone = new AbortController();
    client.socket.once("close", () => gone.abort());
    const result = await this.#options.fence.pass(token, "cut", gone.signal);
    switch (result.status) {
      case "unknown":
        return answer(client, proxyAnswer(401, "The connection does not begin with this task's token."));
      case "stale":
        return answer(client, proxyAnswer(410, "A newer attempt has taken over."));
      case "resting":
        return answer(
          client,
          proxyAnswer(503, "The turn is over: nothing may be reached until the next begins."),
        );
      case "passed":
        break;
    }
    const { passage } = result;
    const cut = () => client.socket.destroy();
    passage.signal.addEventListener("abort", cut, { once: true });
    try {
      await this.#request(client, passage);
    } finally {
      passage.signal.removeEventListener("abort", cut);
      passage.end();
    }
  }

  async #request(client: End, passage: Passage): Promise<void> {
    const read = await this.#gather(client, HEAD_MAX_BYTES, readHead);
    if (read.status === "too_large")
      return answer(client, proxyAnswer(400, "The head of the request is too long."));
    if (read.status !== "found") return;
    if (read.value === "malformed")
      return answer(client, proxyAnswer(400, "The head of the request is not valid HTTP/1.1."));
    client.source.unread(read.value.rest);
    const request = readProxyRequest(read.value.head);
    if ("detail" in request) return answer(client, proxyAnswer(request.status, request.detail));

    const policy = await this.#options.ports.egress(passage.claim);
    this.#allowance.enter(policy.turn);
    const refuse = (rule: EgressRule) => this.#refuse(client, passage, request, policy.mode, rule);
    const verdict = policy.decide({ host: request.host, port: request.port, via: request.via });
    if (!verdict.allowed) return refuse(verdict.rule);
    if (this.#allowance.isUsedUp) return refuse("bytes");
    if (!this.#allowance.take()) return refuse("connections");
    try {
      await this.#reach(client, passage, request, policy, verdict.isRaw);
    } finally {
      this.#allowance.release();
    }
  }

  /** Connects to where the request leads, and moves its bytes. */
  async #reach(
    client: End,
    passage: Passage,
    request: ProxyRequest,
    policy: EgressPolicy,
    isRaw: boolean,
  ): Promise<void> {
    const dialled = await dial(request, this.#options.dial, this.#deadline(), passage.signal);
    if (dialled.status === "private_address")
      return this.#refuse(client, passage, request, policy.mode, "private_address");
    if (dialled.status !== "connected") return answer(client, unreachable(dialled.status, request));
    const server = endOf(dialled.socket);
    const over = () => {
      server.socket.destroy();
      client.socket.destroy();
    };
    const idle = setTimeout(over, this.#options.caps.idleMs);
    passage.signal.addEventListener("abort", over, { once: true });
    /** Counts bytes; past the turn's share it cuts the connection and says so. */
    const move = (direction: "down" | "up") => (byteCount: number) => {
      idle.refresh();
      if (this.#allowance.move(direction, byteCount)) return true;
      this.#tell(passage, request, "bytes");
      over();
      return false;
    };
    try {
      if (passage.signal.aborted) return;
      if (request.via === "plain")
        await exchange(client, server, request, { up: move("up"), down: move("down") });
      else
        await this.#tunnel(
          client,
          server,
          passage,
          { request, policy, isRaw },
          { up: move("up"), down: move("down") },
        );
    } finally {
      clearTimeout(idle);
      passage.signal.removeEventListener("abort", over);
      server.socket.destroy();
    }
  }

  async #tunnel(
    client: End,
    server: End,
    passage: Passage,
    { request, policy, isRaw }: { request: Target; policy: EgressPolicy; isRaw: boolean },
    move: Moves,
  ): Promise<void> {
    client.socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    // With a protocol of its own the server may be the one that speaks first.
    const early = isRaw ? forward(server, client, move.down) : null;
    const opening = isRaw ? await firstByte(client) : null;
    if (opening === null || opening === TLS_FIRST_BYTE) {
      const hello = await this.#gather(client, CLIENT_HELLO_MAX_BYTES, (bytes) => {
        const found = readClientHello(bytes);
        return found.status === "more" ? null : found;
      });
      // A client that leaves or waits before it has said anything has done nothing wrong.
      if (hello.status === "end" || hello.status === "late") return;
      const rule =
        hello.status === "found" ? againstHello(request.host, hello.value, policy.mode) : "server_name";
      if (rule !== null) {
        this.#tell(passage, request, rule);
        await answer(client, rule === "encrypted_name" ? UNSUPPORTED_EXTENSION : UNRECOGNIZED_NAME);
        return;
      }
      if (hello.status !== "found") return;
      client.source.unread(hello.bytes);
    }
    await Promise.all([forward(client, server, move.up), early ?? forward(server, client, move.down)]);
    await Promise.all([finished(client.socket), finished(server.socket)]);
  }

  async #refuse(
    client: End,
    passage: Passage,
    target: Target,
    mode: EgressMode,
    rule: EgressRule,
  ): Promise<void> {
    this.#tell(passage, target, rule);
    const status = rule === "connections" ? 503 : 403;
    await answer(client, proxyAnswer(status, sentenceOf(rule, target, mode), rule));
  }

  #tell(passage: Passage, { host, port }: Target, rule: EgressRule): void {
    const { ports, onError } = this.#options;
    void ports.egressRefused(passage.claim, { host, port, rule }).catch(onError);
  }

  #deadline(): number {
    return performance.now() + this.#options.caps.patienceMs;
  }

  #gather<T>(from: End, maxBytes: number, find: (bytes: Buffer) => T | null): Promise<Gathered<T>> {
    return gather(from.source, { maxBytes, untilMs: this.#deadline() }, find);
  }
}

const TLS_FIRST_BYTE = 22;

function readTokenLine(bytes: Buffer): { token: string; rest: Buffer } | null {
  const end = bytes.indexOf("\r\n");
  if (end === -1) return null;
  const token = /^Bearer ([\x21-\x7e]+)$/.exec(bytes.toString("latin1", 0, end))?.[1] ?? "";
  return { token, rest: bytes.subarray(end + 2) };
}

async function firstByte({ source }: End): Promise<number | null> {
  const read = await source.read();
  if (read.status !== "bytes") return null;
  source.unread(read.bytes);
  return read.bytes[0] ?? null;
}

/**
 * The rule that a hello is against; null for one that names the server that was asked for. Asked by its address, a server
 * has no name. Where some hosts are closed, an encrypted second name could be that of one of them, and nobody but the
 * server can tell it from the random one that browsers send.
 */
function againstHello(
  host: string,
  found: ReturnType<typeof readClientHello>,
  mode: EgressMode,
): "server_name" | "encrypted_name" | null {
  if (found.status !== "hello") return "server_name";
  const { serverName, hasEncryptedHello } = found.hello;
  if (serverName !== (isAddress(host) ? null : host)) return "server_name";
  return hasEncryptedHello && mode !== "all" ? "encrypted_name" : null;
}

const isAddress = (host: string) => host.includes(":") || /^[\d.]+$/.test(host);

function unreachable(status: Exclude<Dialled["status"], "connected">, { host, port }: Target): Buffer {
  switch (status) {
    case "unknown_name":
      return proxyAnswer(502, `The name ${host} cannot be resolved.`);
    case "late":
      return proxyAnswer(504, `${host} did not answer in time at port ${port}.`);
    default:
      return proxyAnswer(502, `${host} cannot be reached at port ${port}.`);
  }
}
