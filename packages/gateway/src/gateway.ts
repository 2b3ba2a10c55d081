/**
 * The only door out of a sandbox. Each task has a unix socket of its own; behind it exist the worker's calls,
 * three routes of the Messages API, and the task's own git repository. Behind a second one is the way to the network,
 * as far as the user's policy opens it. Nothing else. What prepares a task's system has a door of its own, which leads
 * to the network alone.
 */
import { resolve } from "node:path";
import { EGRESS_SOCKET_NAME, TaskId } from "@farhand/protocol";
import { type Connection, createApp } from "./app.ts";
import { DEFAULT_CAPS } from "./egress/allowance.ts";
import { DEFAULT_DIAL } from "./egress/dial.ts";
import { EgressDoor } from "./egress/egress-door.ts";
import { serveSocket } from "./egress/socket-server.ts";
import { EVENTS_MAX_BYTES, EventAllowance } from "./event-allowance.ts";
import { Fence } from "./fence.ts";
import { GIT_PUSH_MAX_BYTES } from "./git-route.ts";
import { ModelTurnstile } from "./model-turnstile.ts";
import type { Gateway, GatewayOptions, SetupWay } from "./ports.ts";
import { problem } from "./problem.ts";
import { writePushHook } from "./push-policy.ts";
import { openSetupDoor, type SetupDoor } from "./setup-door.ts";
import { SOCKET_NAME, TaskSocket } from "./task-socket.ts";
import { wall } from "./wall.ts";

export type * from "./ports.ts";

/** How often the socket files are looked at. */
const WATCH_MS = 2_000;

interface Door {
  socket: TaskSocket;
  /** The way out to the network, in the same folder. */
  egressSocket: TaskSocket;
  fence: Fence;
  shut: AbortController;
}

/**
 * @throws Error from `open` when the socket's path would be too long for the operating system, or when the task
 * id could name another folder.
 */
export function createGateway(options: GatewayOptions): Gateway {
  const doors = new Map<string, Promise<Door>>();
  /** One at a time for each task. */
  const setups = new Map<string, Promise<SetupDoor>>();
  /** Ends of closings that are under way: a task is not opened in a folder that is about to be removed. */
  const closings = new Map<string, Promise<void>>();
  const hooksDirectory = resolve(options.runDirectory, "hooks");
  const app = createApp({ ports: options.ports, hooksDirectory });
  const egressOptions = {
    caps: { ...DEFAULT_CAPS, ...options.egressCaps },
    dial: { ...DEFAULT_DIAL, ...options.egressDial },
    onError: (error: unknown) => options.onError?.(error),
  };
  let hookWritten: Promise<void> | undefined;

  async function openDoor(taskId: string): Promise<Door> {
    hookWritten ??= writePushHook(hooksDirectory).catch((error) => {
      // The next task tries again: a disk that was full need not be full for good.
      hookWritten = undefined;
      throw error;
    });
    await hookWritten;
    const shut = new AbortController();
    const fence = new Fence(options.ports, taskId, shut.signal);
    const connection: Connection = {
      taskId,
      fence,
      turnstile: new ModelTurnstile(),
      eventAllowance: new EventAllowance(options.eventsMaxBytes ?? EVENTS_MAX_BYTES),
    };
    const directory = resolve(options.runDirectory, taskId);
    const egress = new EgressDoor({ ...egressOptions, ports: options.ports, fence });
    const egressSocket = await TaskSocket.open(directory, EGRESS_SOCKET_NAME, (path) =>
      serveSocket(path, (connection) => egress.serve(connection)),
    );
    const socket = await TaskSocket.open(directory, SOCKET_NAME, (path) =>
      Bun.serve({
        unix: path,
        // A held request must not end after Bun's ten seconds. Its types know the option for ports only.
        ...({ idleTimeout: 0 } as object),
        // Else Bun prints every answer that is cut off, which here is a matter of course.
        development: false,
        maxRequestBodySize: GIT_PUSH_MAX_BYTES,
        fetch: (request) => wall(request) ?? app.fetch(request, connection),
        error: () => problem("internal", "The gateway could not handle this request."),
      }),
    ).catch(async (error) => {
      await egressSocket.close();
      throw error;
    });
    return { socket, egressSocket, fence, shut };
  }

  async function shutDown(opening: Promise<Door>): Promise<void> {
    const door = await opening.catch(() => null);
    if (door === null) return;
    door.shut.abort(new Error("the gateway has closed this task's socket"));
    try {
      // Both at once: what is cut must not be answered first.
      await Promise.all([door.socket.close(), door.egressSocket.close()]);
    } finally {
      door.fence[Symbol.dispose]();
    }
  }

  async function closeSetup(taskId: string, opening = setups.get(taskId)): Promise<void> {
    if (opening === undefined) return;
    // It stays in the map until it is closed: nobody opens another in a folder that is about to be removed.
    const door = await opening.catch(() => null);
    await door?.[Symbol.asyncDispose]();
    if (setups.get(taskId) === opening) setups.delete(taskId);
  }

  async function openSetup(taskId: string, attemptToken: string): Promise<SetupWay> {
    demandTaskId(taskId);
    await closeSetup(taskId);
    const opening = openSetupDoor({
      ports: options.ports,
      taskId,
      attemptToken,
      // Beside the task's folder and not within it, which is mounted into its sandbox.
      directory: resolve(options.runDirectory, `${taskId}.s`),
      egress: egressOptions,
    });
    setups.set(taskId, opening);
    const door = await opening;
    const { directory, socketName, token } = door;
    return { directory, socketName, token, [Symbol.asyncDispose]: () => closeSetup(taskId, opening) };
  }

  async function close(taskId: string): Promise<void> {
    await Promise.all([closeSetup(taskId), closeDoor(taskId)]);
  }

  async function closeDoor(taskId: string): Promise<void> {
    const opening = doors.get(taskId);
    if (opening === undefined) return closings.get(taskId);
    doors.delete(taskId);
    const closing = shutDown(opening).finally(() => {
      if (closings.get(taskId) === closing) closings.delete(taskId);
    });
    closings.set(taskId, closing);
    await closing;
  }

  /** Something may remove a socket file: a cleaner of old files, or a person. A sandbox then has no way out. */
  async function look(): Promise<void> {
    for (const opening of [...doors.values()]) {
      // One that did not open has told whoever wanted it.
      const door = await opening.catch(() => null);
      for (const socket of door ? [door.socket, door.egressSocket] : [])
        await socket.heal().catch((error) => options.onError?.(error));
    }
    for (const opening of [...setups.values()]) {
      const door = await opening.catch(() => null);
      await door?.socket.heal().catch((error) => options.onError?.(error));
    }
  }
  let isLooking = false;
  const watch = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    void look().finally(() => {
      isLooking = false;
    });
  }, options.watchMs ?? WATCH_MS);
  watch.unref();

  return {
    async open(taskId) {
      demandTaskId(taskId);
      let opening = doors.get(taskId);
      if (opening === undefined) {
        // Whoever closed it has heard if that failed.
        const before = closings.get(taskId)?.catch(() => undefined) ?? Promise.resolve();
        opening = before.then(() => openDoor(taskId));
        doors.set(taskId, opening);
        opening.catch(() => doors.delete(taskId));
      }
      const { socket } = await opening;
      return { directory: socket.directory, socketName: SOCKET_NAME };
    },
    openSetup,
    close,
    async [Symbol.asyncDispose]() {
      clearInterval(watch);
      await Promise.all([...doors.keys(), ...setups.keys()].map(close));
    },
  };
}

/** It becomes the name of a folder. */
function demandTaskId(taskId: string): void {
  if (!TaskId.safeParse(taskId).success) throw new Error(`"${taskId}" is not a task id`);
}
