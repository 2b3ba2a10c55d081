import { chmod, mkdir } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { join } from "node:path";
import type { WithoutWall } from "./containers.ts";

/** What a gateway without walls is: whatever comes through the socket is answered as if the key were the caller's. */
export interface NaiveGateway extends AsyncDisposable {
  /** Method, target and body of all that came through. */
  seen: string[];
}

const FOLDER = "naive-gateway";
/** What the container of a control has in the place of an attempt's token. */
export const NAIVE_TOKEN = "fha_naive-token-of-the-control";

/** The naive gateway's socket where the real one would be. */
export const withTheNaiveGateway: WithoutWall = (settings, folder) => {
  settings.Env = [`FARHAND_ATTEMPT_TOKEN=${NAIVE_TOKEN}`];
  settings.HostConfig.Mounts = [
    ...(settings.HostConfig.Mounts ?? []),
    { Type: "bind", Source: join(folder, FOLDER), Target: "/run/farhand", ReadOnly: true },
  ];
};

/** Starts it. It takes every path, method and form, also those of a proxy, and answers 200. */
export async function openNaiveGateway(folder: string): Promise<NaiveGateway> {
  const path = join(folder, FOLDER);
  await mkdir(path, { recursive: true });
  const seen: string[] = [];
  const take = async (request: IncomingMessage) => {
    let body = "";
    let sizeBytes = 0;
    for await (const chunk of request) {
      sizeBytes += (chunk as Buffer).byteLength;
      if (body.length < 64 * 1024) body += String(chunk);
    }
    seen.push(`${request.method} ${request.url} ${body} (${sizeBytes} bytes)`);
  };
  const server = createServer((request, response) => {
    void take(request).then(
      () => response.end("passed on\n"),
      () => response.destroy(),
    );
  });
  server.on("connect", (request, socket) => {
    seen.push(`CONNECT ${request.url}`);
    socket.end("HTTP/1.1 200 Connection Established\r\n\r\n");
  });
  const socket = join(path, "g.sock");
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  await chmod(socket, 0o666);
  return {
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
