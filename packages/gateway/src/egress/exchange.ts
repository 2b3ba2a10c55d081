import { gather } from "./byte-source.ts";
import { answer, type End, finished, forward, type Moves } from "./end.ts";
import { HEAD_MAX_BYTES, type Head, handedOn, readHead, writeHead } from "./http-head.ts";
import type { ProxyRequest } from "./proxy-request.ts";
import { pump } from "./pump.ts";
import { proxyAnswer } from "./refusal.ts";

/** Silence is ended by whoever watches the connection. */
const LIMITS = { maxBytes: HEAD_MAX_BYTES, untilMs: Number.POSITIVE_INFINITY };

/** One request and its answer, every byte of which counts. What the client sends after its request reaches nobody. */
export async function exchange(
  client: End,
  server: End,
  request: Extract<ProxyRequest, { via: "plain" }>,
  move: Moves,
): Promise<void> {
  const asked = writeHead(request.head);
  if (!move.up(asked.length)) return;
  server.socket.write(asked);
  void pump(client.source, server.socket, move.up, request.bodyBytes);
  let head = await nextHead(server, move);
  while (head !== null && isInterim(head.first)) head = await nextHead(server, move);
  if (client.socket.destroyed) return;
  if (head === null || !isStatusLine(head.first))
    return answer(client, proxyAnswer(502, `${request.host} did not answer in HTTP/1.1.`));
  client.socket.write(writeHead({ first: head.first, headers: handedOn(head.headers) }));
  await forward(server, client, move.down);
  await finished(client.socket);
}

/** The next head of the server's; null where it sends none, or no more may come. */
async function nextHead({ source }: End, move: Moves): Promise<Head | null> {
  const { status, bytes, ...found } = await gather(source, LIMITS, readHead);
  const message = "value" in found && found.value !== "malformed" ? found.value : null;
  // What follows the head counts when it is passed on.
  if (!move.down(bytes.length - (message?.rest.length ?? 0)) || status !== "found") return null;
  if (message !== null) source.unread(message.rest);
  return message?.head ?? null;
}

const isInterim = (first: string) => /^HTTP\/1\.[01] 1\d\d( |$)/.test(first);
const isStatusLine = (first: string) => /^HTTP\/1\.[01] [2-9]\d\d( |$)/.test(first);
