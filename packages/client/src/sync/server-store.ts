import type { ServerFrame } from "@farhand/protocol";
import { ApiError } from "../api-error.ts";
import { createAppClient, sourceOf, trimmed } from "../app-client.ts";
import { DeviceAttachments } from "../attachments/attachments.ts";
import { createDeviceCache } from "../cache/device-cache.ts";
import { DeviceDrafts, DRAFTS_PREFIX } from "../drafts/drafts.ts";
import { oneTab } from "../local/tabs.ts";
import { OUTBOX_PREFIX } from "../outbox/entries.ts";
import { DurableOutbox } from "../outbox/outbox.ts";
import { randomId } from "../random-id.ts";
import type { TokenSource } from "../token-source.ts";
import { within } from "../within.ts";
import type { OpenTask, ServerOptions, ServerStore } from "./api.ts";
import { bringToHand } from "./at-hand.ts";
import { LiveConnection } from "./connection.ts";
import { createIdentityCheck } from "./identity.ts";
import { TaskList } from "./task-list.ts";
import { TaskSync } from "./task-sync.ts";
import { bringWorkToHand, isResting } from "./work-at-hand.ts";

const FRAME_MS = 16;
/** Nothing is fetched in advance while the app opens. */
const AT_HAND_MS = 3_000;
/** For what a connection begins with. */
const READ_MS = 15_000;

/** Opens what the device keeps of a server, and connects to it. Nothing has to be waited for. */
export function openServer(options: ServerOptions): ServerStore {
  const baseUrl = trimmed(options.baseUrl);
  const token = sourceOf(options.token);
  const { local } = options;
  const tabs = options.tabs ?? oneTab();
  const now = options.now ?? Date.now;
  const newId = options.newId ?? randomId;
  const onError = options.onError ?? (() => undefined);
  const rest = {
    baseUrl,
    token: watched(token),
    newId,
    ...(options.backoff ? { backoff: options.backoff } : {}),
  };
  const client = createAppClient(rest);
  const cache = createDeviceCache(local, { onError });
  /** The one underneath for each open task, and how many have it open. */
  const open = new Map<string, { sync: TaskSync; users: number }>();

  /** Number of the connection that is there. */
  let round = 0;
  let atHand: ReturnType<typeof setTimeout> | undefined;
  /** What is being fetched in advance. */
  let ahead: Promise<void> = Promise.resolve();
  /** What is in front. Each connection has to be told anew. */
  let looking: { taskId: string } | null = null;

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
      notAhead();
      list.disconnected();
      for (const { sync } of open.values()) sync.disconnected();
    },
  });

  const identity = createIdentityCheck({
    local,
    userId: async () => (await soon((signal) => client.me(signal))).userId,
    onOther: wipe,
    onError,
  });

  const attachments = new DeviceAttachments({ local, newId, now });
  const outbox = new DurableOutbox({
    local,
    tabs,
    api: createAppClient({ ...rest, retries: 0 }),
    attachments,
    newId,
    now,
    isReachable,
    isFollowed: (taskId) => open.has(taskId),
    onError,
  });

  void attachments.sweep([DRAFTS_PREFIX, OUTBOX_PREFIX]).catch(onError);

  const list = new TaskList({
    local,
    api: { listTasks: (page) => soon((signal) => client.listTasks(page, signal)) },
    onTask: (task) => open.get(task.id)?.sync.setTask(task),
    onError,
  });

  const drafts = new DeviceDrafts({ local, tabs, newId, now, onError, outbox });

  /** Nothing of the app is held up for ever by an answer that does not come. */
  function soon<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return within(READ_MS, baseUrl, ask);
  }

  /** The tokens of requests. One that is refused for good ends the sign-in: a new connection finds out whether it has ended. */
  function watched(source: TokenSource): TokenSource {
    const ended = (error: unknown) => {
      if (error instanceof ApiError && error.status === 401) connection.restart();
      throw error;
    };
    return {
      current: () => source.current().catch(ended),
      async renew(refused) {
        const renewed = await source.renew(refused).catch(ended);
        if (renewed === null) connection.restart();
        return renewed;
      },
    };
  }

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
    connection.send({ type: "subscribe_tasks" });
    if (looking) tellLooking();
    for (const { sync } of open.values()) sync.connected();
    await outbox.flush();
  }

  function tellLooking(): void {
    if (!identity.isKnown || connection.getSnapshot().status !== "live") return;
    connection.send({ type: "looking", taskId: looking?.taskId ?? null });
  }

  function hear(frame: ServerFrame): void {
    switch (frame.type) {
      case "subscribed_tasks":
        void list.fetch().catch(onError);
        soonAhead();
        break;
      case "task":
        list.hear(frame.task);
        // Its end is what a person will want to see.
        if (isResting(frame.task)) soonAhead();
        break;
      case "subscribed":
      case "delta":
        open.get(frame.taskId)?.sync.hear(frame);
        break;
      case "event":
        open.get(frame.event.taskId)?.sync.hear(frame);
        break;
      case "events":
        open.get(frame.events[0]?.taskId ?? "")?.sync.hear(frame);
        break;
      case "error":
        if (frame.problem.code === "not_found") void findGone().catch(onError);
        else onError(new ApiError(frame.problem));
        break;
    }
  }

  /** Once for all that happens within a short time, and never twice at a time. */
  function soonAhead(): void {
    if (atHand !== undefined) return;
    const mine = round;
    atHand = setTimeout(() => {
      atHand = undefined;
      ahead = ahead.then(() => fetchAhead(mine)).catch(onError);
    }, AT_HAND_MS);
  }

  function notAhead(): void {
    clearTimeout(atHand);
    atHand = undefined;
  }

  async function fetchAhead(mine: number): Promise<void> {
    const { tasks } = list.state.getSnapshot();
    const isCurrent = () => mine === round;
    await bringToHand(
      {
        local,
        api: { events: (id, page) => soon((signal) => client.events(id, page, signal)) },
        isOpen: (id) => open.has(id),
        isCurrent,
      },
      tasks,
    );
    await bringWorkToHand(
      {
        cache,
        api: {
          diff: (id, range) => soon((signal) => client.diff(id, range, signal)),
          files: (id, place) => soon((signal) => client.files(id, place, signal)),
        },
        isCurrent,
      },
      tasks,
    );
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
    attachments,
    client,
    cache,
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
    look(taskId) {
      const mine = { taskId };
      looking = mine;
      tellLooking();
      return () => {
        if (looking !== mine) return;
        looking = null;
        tellLooking();
      };
    },
    dismissCaughtUp: () => list.caughtUp.set(null),
    nudge,
    async refresh() {
      nudge();
      return connection.getSnapshot().status === "live" && (await list.refresh());
    },
    async settled() {
      await list.settled();
      await drafts.settled();
      for (const { sync } of open.values()) await sync.settled();
    },
    async close() {
      round += 1;
      notAhead();
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

  function nudge(): void {
    connection.nudge();
    void outbox.flush().catch(onError);
  }

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
