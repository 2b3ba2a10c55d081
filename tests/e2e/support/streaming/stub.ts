/**
 * Stands in the coordinator's place behind a proxy, and shows what the proxy does to requests and to streams: it says
 * the second half of a stream only after somebody has got the first.
 */
import { createCallerReader } from "../../../../packages/coordinator/src/http/peer.ts";

const callerOf = createCallerReader({
  trustedProxies: (process.env.TRUSTED ?? "").split(","),
  publicUrl: null,
});
const gotFirst = new Map<string, PromiseWithResolvers<void>>();
const waiting = (id: string) => {
  const found = gotFirst.get(id) ?? Promise.withResolvers<void>();
  gotFirst.set(id, found);
  return found;
};

Bun.serve({
  port: 8787,
  idleTimeout: 0,
  fetch(request, server) {
    const url = new URL(request.url);
    const id = url.searchParams.get("id") ?? "";
    switch (url.pathname) {
      case "/api/ws":
        return server.upgrade(request) ? undefined : new Response(null, { status: 426 });
      case "/caller":
        return Response.json({
          ...callerOf(server.requestIP(request)?.address ?? null, request.headers),
          headers: Object.fromEntries(request.headers),
        });
      case "/got-first":
        waiting(id).resolve();
        return new Response(null, { status: 204 });
      case "/stream":
        return new Response(
          new ReadableStream({
            async start(controller) {
              controller.enqueue(new TextEncoder().encode("first\n"));
              await waiting(id).promise;
              controller.enqueue(new TextEncoder().encode("second\n"));
              controller.close();
            },
          }),
          { headers: { "content-type": "text/jsonl" } },
        );
      default:
        return new Response(null, { status: 404 });
    }
  },
  websocket: {
    message: (socket, text) => void socket.send(text),
  },
});
