/**
 * The only door out of a sandbox. Each task has a unix socket of its own; behind it exist the worker's calls,
 * three routes of the Messages API, and the task's own git repository. Behind a second one is the way to the network,
 * as far as the user's policy opens it. Nothing else. What prepares a task's system has a door of its own, which leads
 * to the network alone.
 */
import { resolve } from "node:path";
import { EGRESS_SOCKET_NAME, TaskId } from "@farhand/protocol";
import { type Connection, createApp } from "./app.ts";
import { DEFAULT_DOOR_CAPS } from "./door-caps.ts";
import { DEFAULT_CAPS } from "./egress/allowance.ts";
import { DEFAULT_DIAL } from "./egress/dial.ts";
import { EgressDoor } from "./egress/egress-door.ts";
import { serveSocket } from "./egress/socket-server.ts";
import { EVENTS_MAX_BYTES, EventAllowance } from "./event-allowance.ts";
import { Fence } from "./fence.ts";
import { GIT_PUSH_MAX_BYTES } from "./git-route.ts";
import { HttpServers } from "./http-server.ts";
import type { ModelCalls } from "./model-route.ts";
import { ModelTurnstile } from "./model-turnstile.ts";
import type { Gateway, GatewayOptions, SetupWay } from "./ports.ts";
import { problem } from "./problem.ts";
import { writePushHook } from "./push-policy.ts";
import { openSetupDoor, type SetupDoor } from "./setup-door.ts";
import { SOCKET_NAME, TaskSocket } from "./task-socket.ts";
import { Turnstile } from "./turnstile.ts";
import { wall } from "./wall.ts";

export type * from "./ports.ts";

/** How often the socket files are looked at. */
const WATCH_MS = 2_000;

/** Calls of git that wait for those under way; whoever comes after them is told to come again. */
const GIT_CALLS_WAITING = 16;

/** Bodies of the worker's own calls that are gathered at once. It makes one at a time of each kind. */
const BODIES_AT_ONCE = 4;

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
  const ending = new AbortController();
  const callsUnderWay = new Set<Promise<void>>();
  const onError = (error: unknown) => options.onError?.(error);
  const calls: ModelCalls = {
    ending: ending.signal,
    onError,
    add(ended) {
      callsUnderWay.add(ended);
      void ended.then(() => callsUnderWay.delete(ended));
    },
  };
  /** By task. One outlives its socket while calls that went through it are under way: they have their places still. */
  const turnstiles = new Map<string, ModelTurnstile>();
  const caps = { ...DEFAULT_DOOR_CAPS, ...options.doorCaps };
  const app = createApp({ ports: options.ports, hooksDirectory, calls, caps });
  const httpServers = new HttpServers(resolve(options.runDirectory, "inner"));
  const egressOptions = {
    caps: { ...DEFAULT_CAPS, ...options.egressCaps },
    dial: { ...DEFAULT_DIAL, ...options.egressDial },
    onError,
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
    const turnstile = turnstiles.get(taskId) ?? new ModelTurnstile();
    turnstiles.set(taskId, turnstile);
    const connection: Connection = {
      taskId,
      fence,
      turnstile,
      gitTurnstile: new Turnstile({ mostAtOnce: caps.maxGitCalls, mostWaiting: GIT_CALLS_WAITING }),
      bodyTurnstile: new Turnstile({ mostAtOnce: BODIES_AT_ONCE, mostWaiting: caps.maxConnections }),
      eventAllowance: new EventAllowance(options.eventsMaxBytes ?? EVENTS_MAX_BYTES),
    };
    const directory = resolve(options.runDirectory, taskId);
    const egress = new EgressDoor({ ...egressOptions, ports: options.ports, fence });
    const egressSocket = await TaskSocket.open(directory, EGRESS_SOCKET_NAME, (path) =>
      serveSocket(path, (connection) => egress.serve(connection), caps.maxConnections),
    );
    const socket = await TaskSocket.open(directory, SOCKET_NAME, (path) =>
      httpServers.serve(path, caps.maxConnections, (innerPath) =>
        Bun.serve({
          unix: innerPath,
          // A held request must not end after Bun's ten seconds. Its types know the option for ports only.
          ...({ idleTimeout: 0 } as object),
          // Else Bun prints every answer that is cut off, which here is a matter of course.
          development: false,
          maxRequestBodySize: GIT_PUSH_MAX_BYTES,
          fetch: (request) => wall(request) ?? app.fetch(request, connection),
          error: () => problem("internal", "The gateway could not handle this request."),
        }),
      ),
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
      forgetIdleTurnstiles();
    }
  }

  /** Those of closed tasks. One whose calls are under way is forgotten when the next task closes. */
  function forgetIdleTurnstiles(): void {
    for (const [taskId, turnstile] of turnstiles)
      if (!doors.has(taskId) && turnstile.isIdle) turnstiles.delete(taskId);
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
      maxConnections: caps.maxConnections,
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
      for (const socket of door ? [door.socket, door.egressSocket] : []) await socket.heal().catch(onError);
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
      ending.abort(new Error("the gateway ends"));
      await Promise.all([...doors.keys(), ...setups.keys()].map(close));
      await Promise.all(callsUnderWay);
    },
  };
}

/** It becomes the name of a folder. */
function demandTaskId(taskId: string): void {
  if (!TaskId.safeParse(taskId).success) throw new Error(`"${taskId}" is not a task id`);
}
