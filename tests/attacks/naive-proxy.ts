import { request as ask, createServer } from "node:http";
import { connect } from "node:net";

export const NAIVE_PROXY_PORT = 7005;

/** A proxy as any proxy is: it connects to whatever it is asked for, without a look at names, addresses or ports. */
export async function openNaiveProxy(): Promise<AsyncDisposable> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", `http://${request.headers.host ?? "nobody"}`);
    const onward = ask(url, { method: request.method ?? "GET", headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  });
  server.on("connect", (request, client) => {
    const colon = (request.url ?? "").lastIndexOf(":");
    const host = (request.url ?? "").slice(0, colon).replace(/^\[|\]$/g, "");
    const upstream = connect(Number((request.url ?? "").slice(colon + 1)), host, () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      client.pipe(upstream).pipe(client);
    });
    for (const socket of [client, upstream])
      socket.on("error", () => {
        client.destroy();
        upstream.destroy();
      });
  });
  await new Promise<void>((resolve) => server.listen(NAIVE_PROXY_PORT, "0.0.0.0", resolve));
  return {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
