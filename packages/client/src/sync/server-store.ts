import type { ServerFrame } from "@farhand/protocol";
import { ApiError } from "../api-error.ts";
import { createAppClient, sourceOf, trimmed } from "../app-client.ts";
import { DeviceDrafts } from "../drafts/drafts.ts";
import { oneTab } from "../local/tabs.ts";
import { DurableOutbox } from "../outbox/outbox.ts";
import { randomId } from "../random-id.ts";
import type { OpenTask, ServerOptions, ServerStore } from "./api.ts";
import { LiveConnection } from "./connection.ts";
import { createIdentityCheck } from "./identity.ts";
import { TaskList } from "./task-list.ts";
import { TaskSync } from "./task-sync.ts";

const FRAME_MS = 16;

/** Opens what the device keeps of a server, and connects to it. Nothing has to be waited for. */
export function openServer(options: ServerOptions): ServerStore {
  const baseUrl = trimmed(options.baseUrl);
  const token = sourceOf(options.token);
  const { local } = options;
  const tabs = options.tabs ?? oneTab();
  const now = options.now ?? Date.now;
  const newId = options.newId ?? randomId;
  const onError = options.onError ?? (() => undefined);
  const rest = { baseUrl, token, newId, ...(options.backoff ? { backoff: options.backoff } : {}) };
  const client = createAppClient(rest);
  /** The one underneath for each open task, and how many have it open. */
  const open = new Map<string, { sync: TaskSync; users: number }>();

  /** Number of the connection that is there. */
  let round = 0;

  const connection = new LiveConnection({
    baseUrl,
    token,
    now,
    ...(options.backoff ? { backoff: options.backoff } : {}),
    ...(options.pingIntervalMs ? { pingIntervalMs: options.pingIntervalMs } : {}),
    serverVersion: async () => (await client.live()).version,
    onLive: () => void begin().catch(onError),
    onFrame: hear,
    onLost: () => {
      round += 1;
      list.disconnected();
      for (const { sync } of open.values()) sync.disconnected();
    },
  });

  const identity = createIdentityCheck({
    local,
    userId: async () => (await client.me()).userId,
    onOther: wipe,
    onError,
  });

  const outbox = new DurableOutbox({
    local,
    tabs,
    api: createAppClient({ ...rest, retries: 0 }),
    newId,
    now,
    isReachable,
    isFollowed: (taskId) => open.has(taskId),
    onError,
  });

  const list = new TaskList({
    local,
    api: client,
    onTask: (task) => open.get(task.id)?.sync.setTask(task),
    onError,
  });

  const drafts = new DeviceDrafts({ local, tabs, newId, now, onError, outbox });

  /** A connection is there, and nothing is followed over it yet. */
  async function begin(): Promise<void> {
    const mine = ++round;
    try {
      // What this device holds is not shown to, nor sent for, somebody else.
      await identity.check();
    } catch (error) {
      if (mine === round) connection.restart();
      throw error;
    }
    if (mine !== round) return;
    connection.progressed();
    connection.send({ type: "subscribe_tasks" });
    for (const { sync } of open.values()) sync.connected();
    await outbox.flush();
  }

  function hear(frame: ServerFrame): void {
    switch (frame.type) {
      case "subscribed_tasks":
        void list.fetch().catch(onError);
        break;
      case "task":
        list.hear(frame.task);
        break;
      case "subscribed":
      case "delta":
        open.get(frame.taskId)?.sync.hear(frame);
        break;
      case "event":
        open.get(frame.event.taskId)?.sync.hear(frame);
        break;
      case "error":
        if (frame.problem.code === "not_found") void findGone().catch(onError);
        else onError(new ApiError(frame.problem));
        break;
    }
  }

  /** One of the tasks that were asked for is none; the frame does not say which. */
  async function findGone(): Promise<void> {
    for (const { sync } of open.values()) {
      if (!sync.isSubscribing) continue;
      try {
        sync.setTask(await client.getTask(sync.taskId));
      } catch (error) {
        if (error instanceof ApiError && error.code === "not_found") sync.gone(error.problem);
        else throw error;
      }
    }
  }

  async function isReachable(): Promise<boolean> {
    if (identity.isKnown && connection.getSnapshot().status === "live") return true;
    try {
      await identity.check();
      return true;
    } catch (error) {
      // Who is signed out is told so by the answer to the command itself.
      return error instanceof ApiError && error.status === 401;
    }
  }

  async function wipe(): Promise<void> {
    await outbox.forget();
    await drafts.forget();
    await list.forget();
    for (const { sync } of open.values()) await sync.forget();
    await local.transaction("write", (tx) => tx.deletePrefix(""));
  }

  outbox.subscribe(() => {
    const depth = outbox.getSnapshot().filter((entry) => entry.status !== "sent").length;
    connection.setOutboxDepth(depth);
  });
  connection.start();

  return {
    baseUrl,
    connection,
    tasks: list.state,
    caughtUp: list.caughtUp,
    outbox,
    drafts,
    client,
    openTask(taskId): OpenTask {
      const known = open.get(taskId) ?? { sync: begunSync(taskId), users: 0 };
      open.set(taskId, known);
      known.users += 1;
      let isReleased = false;
      return {
        taskId,
        subscribe: known.sync.state.subscribe,
        getSnapshot: known.sync.state.getSnapshot,
        dismissCaughtUp: () => known.sync.dismissCaughtUp(),
        release() {
          if (isReleased) return;
          isReleased = true;
          known.users -= 1;
          if (known.users > 0) return;
          open.delete(taskId);
          void known.sync.end().catch(onError);
        },
      };
    },
    dismissCaughtUp: () => list.caughtUp.set(null),
    nudge() {
      connection.nudge();
      void outbox.flush().catch(onError);
    },
    async settled() {
      await list.settled();
      await drafts.settled();
      for (const { sync } of open.values()) await sync.settled();
    },
    async close() {
      connection.stop();
      await outbox.close();
      for (const { sync } of open.values()) await sync.end();
      await list.settled();
      await drafts.close();
      tabs.close();
      await local.close();
    },
    async forget() {
      identity.forget();
      await wipe();
    },
  };

  function begunSync(taskId: string): TaskSync {
    const sync = new TaskSync({
      taskId,
      task: list.get(taskId),
      local,
      send: (frame) => connection.send(frame),
      restart: () => connection.restart(),
      onView: (id, view) => outbox.observe(id, view),
      onError,
      gatherMs: options.gatherMs ?? FRAME_MS,
    });
    if (identity.isKnown && connection.getSnapshot().status === "live") sync.connected();
    return sync;
  }
}
