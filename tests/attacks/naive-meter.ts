import { chmod, mkdir } from "node:fs/promises";
import { request as ask, createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import type { WithoutWall } from "./containers.ts";
import { NAIVE_TOKEN } from "./naive-gateway.ts";

/** Passes model calls on as a gateway does, and counts them as one is tempted to: by what has come until nobody listens. */
export interface NaiveMeter extends AsyncDisposable {
  /** Output tokens of each call, in the order of their ends. */
  counted: number[];
}

const FOLDER = "naive-meter";

/** Its socket where the gateway's would be. */
export const withTheNaiveMeter: WithoutWall = (settings, folder) => {
  settings.Env = [`FARHAND_ATTEMPT_TOKEN=${NAIVE_TOKEN}`];
  settings.HostConfig.Mounts = [
    ...(settings.HostConfig.Mounts ?? []),
    { Type: "bind", Source: join(folder, FOLDER), Target: "/run/farhand", ReadOnly: true },
  ];
};

export async function openNaiveMeter(
  folder: string,
  model: { url: string; apiKey: string },
): Promise<NaiveMeter> {
  const path = join(folder, FOLDER);
  await mkdir(path, { recursive: true });
  const counted: number[] = [];
  const pass = (request: IncomingMessage, response: ServerResponse) => {
    let seen = "";
    const { authorization: _, "x-api-key": _key, host: _host, ...headers } = request.headers;
    const onward = ask(
      new URL(request.url ?? "/", model.url),
      { method: request.method ?? "GET", headers: { ...headers, "x-api-key": model.apiKey } },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.on("data", (piece) => {
          seen += String(piece);
        });
        answer.pipe(response);
      },
    );
    onward.on("error", () => response.destroy());
    response.on("close", () => {
      onward.destroy();
      // The last that was told is the total so far.
      const told = [...seen.matchAll(/"output_tokens":\s*(\d+)/g)].at(-1)?.[1];
      if (told !== undefined) counted.push(Number(told));
    });
    request.pipe(onward);
  };
  const server = createServer(pass);
  const socket = join(path, "g.sock");
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  await chmod(socket, 0o666);
  return {
    counted,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
