/**
 * The only door out of a sandbox. Each task has a unix socket of its own; behind it exist the worker's calls,
 * three routes of the Messages API, and the task's own git repository. Nothing else.
 */
import { chmod, mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { TaskId } from "@farhand/protocol";
import { type Connection, createApp } from "./app.ts";
import { Fence } from "./fence.ts";
import { GIT_PUSH_MAX_BYTES } from "./git-route.ts";
import type { Gateway, GatewayOptions } from "./ports.ts";
import { problem } from "./problem.ts";
import { writePushHook } from "./push-policy.ts";
import { wall } from "./wall.ts";

export type * from "./ports.ts";

/** Name of the socket file inside a task's folder. */
const SOCKET_NAME = "g.sock";

/** `sun_path` holds 108 bytes, the last one being zero. */
const SOCKET_PATH_MAX_BYTES = 107;

interface OpenSocket {
  directory: string;
  server: Bun.Server<undefined>;
  connection: Connection;
  shut: AbortController;
}

/**
 * @throws Error from `open` when the socket's path would be too long for the operating system, or when the task
 * id could name another folder.
 */
export function createGateway(options: GatewayOptions): Gateway {
  const sockets = new Map<string, Promise<OpenSocket>>();
  const hooksDirectory = resolve(options.runDirectory, "hooks");
  const app = createApp({ ports: options.ports, upstream: options.upstream, hooksDirectory });
  let hookWritten: Promise<void> | undefined;

  async function listen(taskId: string): Promise<OpenSocket> {
    const directory = resolve(options.runDirectory, taskId);
    const path = join(directory, SOCKET_NAME);
    const sizeBytes = Buffer.byteLength(path);
    if (sizeBytes > SOCKET_PATH_MAX_BYTES) {
      throw new Error(
        `The gateway's socket path is ${sizeBytes} bytes long and the system takes ${SOCKET_PATH_MAX_BYTES}: ` +
          `choose a shorter data folder. It would have been ${path}`,
      );
    }
    hookWritten ??= writePushHook(hooksDirectory).catch((error) => {
      // The next task tries again: a disk that was full need not be full for good.
      hookWritten = undefined;
      throw error;
    });
    await hookWritten;
    await mkdir(directory, { recursive: true });
    // A sandbox's user is not ours, so it may enter the folder but not change it, and may connect. The folder
    // above keeps other users of the machine out.
    await chmod(directory, 0o755);
    await rm(path, { force: true });

    const shut = new AbortController();
    const connection: Connection = { taskId, fence: new Fence(options.ports, taskId, shut.signal) };
    const server = Bun.serve({
      unix: path,
      // A held request must not end after Bun's ten seconds. Its types know the option for ports only.
      ...({ idleTimeout: 0 } as object),
      // Else Bun prints every answer that is cut off, which here is a matter of course.
      development: false,
      maxRequestBodySize: GIT_PUSH_MAX_BYTES,
      fetch: (request) => wall(request) ?? app.fetch(request, connection),
      error: () => problem("internal", "The gateway could not handle this request."),
    });
    try {
      await chmod(path, 0o666);
    } catch (error) {
      await server.stop(true);
      throw error;
    }
    return { directory, server, connection, shut };
  }

  async function shutDown(opening: Promise<OpenSocket>): Promise<void> {
    const socket = await opening.catch(() => null);
    if (socket === null) return;
    socket.shut.abort(new Error("the gateway has closed this task's socket"));
    await socket.server.stop(true);
    socket.connection.fence[Symbol.dispose]();
    await rm(socket.directory, { recursive: true, force: true });
  }

  async function close(taskId: string): Promise<void> {
    const opening = sockets.get(taskId);
    if (opening === undefined) return;
    sockets.delete(taskId);
    await shutDown(opening);
  }

  return {
    async open(taskId) {
      if (!TaskId.safeParse(taskId).success) throw new Error(`"${taskId}" is not a task id`);
      let opening = sockets.get(taskId);
      if (opening === undefined) {
        opening = listen(taskId);
        sockets.set(taskId, opening);
        opening.catch(() => sockets.delete(taskId));
      }
      const { directory } = await opening;
      return { directory, socketName: SOCKET_NAME };
    },
    close,
    async [Symbol.asyncDispose]() {
      await Promise.all([...sockets.keys()].map(close));
    },
  };
}
