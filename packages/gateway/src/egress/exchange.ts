import { gather } from "./byte-source.ts";
import { answer, type End, finished, forward, type Moves } from "./end.ts";
import { HEAD_MAX_BYTES, handedOn, readHead, writeHead } from "./http-head.ts";
import type { ProxyRequest } from "./proxy-request.ts";
import { pump } from "./pump.ts";
import { proxyAnswer } from "./refusal.ts";

/** Silence is ended by whoever watches the connection. */
const LIMITS = { maxBytes: HEAD_MAX_BYTES, untilMs: Number.POSITIVE_INFINITY };

/** One request and its answer. What the client sends after its request reaches nobody. */
export async function exchange(
  client: End,
  server: End,
  request: Extract<ProxyRequest, { via: "plain" }>,
  move: Moves,
): Promise<void> {
  server.socket.write(writeHead(request.head));
  void pump(client.source, server.socket, move.up, request.bodyBytes);
  let answered = await gather(server.source, LIMITS, readHead);
  while (
    answered.status === "found" &&
    answered.value !== "malformed" &&
    isInterim(answered.value.head.first)
  ) {
    server.source.unread(answered.value.rest);
    answered = await gather(server.source, LIMITS, readHead);
  }
  if (
    answered.status !== "found" ||
    answered.value === "malformed" ||
    !isStatusLine(answered.value.head.first)
  )
    return answer(client, proxyAnswer(502, `${request.host} did not answer in HTTP/1.1.`));
  const { head, rest } = answered.value;
  server.source.unread(rest);
  client.socket.write(writeHead({ first: head.first, headers: handedOn(head.headers) }));
  await forward(server, client, move.down);
  await finished(client.socket);
}

const isInterim = (first: string) => /^HTTP\/1\.[01] 1\d\d( |$)/.test(first);
const isStatusLine = (first: string) => /^HTTP\/1\.[01] [2-9]\d\d( |$)/.test(first);
