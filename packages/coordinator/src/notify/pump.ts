import type { AuditLog } from "../domain/audit.ts";
import type { Delivery, DeliveryQueue, Device, Notice, Sent } from "../domain/notification.ts";
import {
  CAP_PER_TASK,
  CAP_WINDOW_MS,
  GIVE_UP_MS,
  isKnown,
  isStillSo,
  nextTryMs,
} from "../domain/notification-rules.ts";
import { compose } from "../domain/notification-text.ts";
import type { Presence } from "../domain/presence.ts";
import type { MemberStore, SessionStore } from "../domain/sign-in.ts";
import type { TaskRecord, TaskStore } from "../domain/store.ts";
import { type DeviceOptions, forget, note, sendTo } from "./devices.ts";

/** Whoever claims a delivery has it for so long; more than a service may take. */
const LEASE_MS = 60_000;
const POLL_MS = 1_000;
const AT_ONCE = 8;
const NOTICES_AT_ONCE = 50;
/** Expo knows after a quarter of an hour what Apple and Google said. */
const RECEIPT_AFTER_MS = 15 * 60_000;
/** And forgets it after a day. */
const RECEIPT_GIVE_UP_MS = 23 * 60 * 60_000;
const RECEIPTS_AT_ONCE = 300;
const KEPT_MS = 7 * 24 * 60 * 60_000;
const SWEEP_MS = 60 * 60_000;

export interface PumpOptions extends DeviceOptions {
  queue: DeliveryQueue;
  tasks: Pick<TaskStore, "get">;
  presence: Presence;
  audit: AuditLog;
  members: Pick<MemberStore, "get">;
  sessions: Pick<SessionStore, "get">;
  /** Cuts known secrets out of a text of that user's task. */
  scrub(userId: string, text: string): string;
  random(): number;
  onError(error: unknown): void;
  pollMs?: number;
  receiptAfterMs?: number;
}

/** Brings what is to be told to the devices that want to hear it, and tries again what could not be told. */
export interface Pump extends AsyncDisposable {
  start(): Promise<void>;
}

export function createPump(options: PumpOptions): Pump {
  const { queue, tasks, devices, presence, clock, onError } = options;
  const stop = new AbortController();
  const underWay = new Map<Delivery["id"], Promise<void>>();
  const nowMs = () => clock.now().getTime();
  let timer: ReturnType<typeof setTimeout> | null = null;
  let running: Promise<void> = Promise.resolve();
  let sweptMs = 0;

  /** Gives a notice to each device that is to get it. */
  async function spread(notice: Notice): Promise<void> {
    const task = await tasks.get(notice.taskId);
    const wanted = task && isStillSo(notice, task) ? await devices.list(notice.userId) : [];
    const chosen: { id: string; deviceId: string }[] = [];
    for (const device of wanted)
      if (await isFor(notice, device)) chosen.push({ id: options.newId("n_"), deviceId: device.id });
    await queue.spread(notice, chosen, nowMs());
  }

  async function isFor(notice: Notice, device: Device): Promise<boolean> {
    if (!device.kinds[notice.kind] || presence.isLooking(device, notice.taskId)) return false;
    const { count, subjects } = await queue.history(device.id, notice.taskId, nowMs() - CAP_WINDOW_MS);
    return count < CAP_PER_TASK && !isKnown(notice, subjects);
  }

  async function deliver(delivery: Delivery): Promise<void> {
    const drop = (why: string) => queue.settle(delivery.id, { status: "dropped", why }, nowMs());
    // Also where each try has met a bug of ours, of which nothing else would keep count.
    if (nowMs() > delivery.createdMs + GIVE_UP_MS) return drop("it is too late");
    const device = await devices.get(delivery.deviceId);
    const task = await tasks.get(delivery.taskId);
    if (!device || !task) return drop("the device is gone");
    if (!(await isWelcome(device))) return retire(device, "its sign-in has ended");
    if (!isStillSo(delivery, task)) return drop("it is over");
    if (!device.kinds[delivery.kind]) return drop("it was switched off");
    if (presence.isLooking(device, task.id)) return drop("the task is in front there");
    const sent = await handOver(delivery, device, task);
    // What a server that stops has cut off is tried again by the next one.
    if (stop.signal.aborted && sent.status === "retry") return;
    await conclude(delivery, device, sent);
  }

  function handOver(delivery: Delivery, device: Device, task: TaskRecord): Promise<Sent> {
    return sendTo(
      options,
      device,
      compose(delivery, task, (text) => options.scrub(task.userId, text)),
      stop.signal,
    );
  }

  async function conclude(delivery: Delivery, device: Device, sent: Sent): Promise<void> {
    const now = nowMs();
    switch (sent.status) {
      case "sent": {
        const dueMs = now + (options.receiptAfterMs ?? RECEIPT_AFTER_MS);
        const receipt = sent.receiptId === null ? null : { id: sent.receiptId, dueMs };
        await queue.settle(delivery.id, { status: "sent", receipt }, now);
        break;
      }
      case "retry": {
        const nextMs = nextTryMs(delivery, sent.afterMs, now, options.random);
        await queue.settle(
          delivery.id,
          nextMs === null ? { status: "failed", why: sent.why } : { status: "retry", nextMs, why: sent.why },
          now,
        );
        break;
      }
      case "refused":
        await queue.settle(delivery.id, { status: "failed", why: sent.why }, now);
        break;
      case "gone":
        await queue.settle(delivery.id, { status: "failed", why: sent.why }, now);
        return retire(device, sent.why);
    }
    await note(options, device, sent);
  }

  /** Whether its user is still here, and the sign-in that added it still holds. */
  async function isWelcome({ userId, sessionId }: Device): Promise<boolean> {
    if ((await options.members.get(userId)) === null) return false;
    return sessionId === null || (await options.sessions.get(sessionId))?.userId === userId;
  }

  /** Nobody will be reached there again. */
  async function retire(device: Device, why: string): Promise<void> {
    await forget(options, device);
    await options.audit.record({
      userId: device.userId,
      action: "device.retired",
      subject: device.id,
      address: null,
      detail: `${device.channel} ${device.label}: ${why}`,
    });
  }

  async function askForReceipts(): Promise<void> {
    const due = await queue.dueReceipts(nowMs(), RECEIPTS_AT_ONCE);
    const { receipts } = options.notifiers.expo;
    if (due.length === 0 || !receipts) return;
    const again = nowMs() + (options.receiptAfterMs ?? RECEIPT_AFTER_MS);
    // First, so that a service in trouble is not asked at every look.
    for (const { deliveryId, sentMs } of due)
      await queue.postponeReceipt(deliveryId, again > sentMs + RECEIPT_GIVE_UP_MS ? null : again);
    const answers = await receipts(
      due.map(({ receiptId }) => receiptId),
      stop.signal,
    );
    for (const { deliveryId, deviceId, receiptId } of due) {
      const answer = answers.get(receiptId);
      if (!answer || answer.status === "unknown") continue;
      await queue.postponeReceipt(deliveryId, null);
      const device = await devices.get(deviceId);
      if (!device || answer.status === "ok") continue;
      if (answer.status === "gone") await retire(device, answer.why);
      else await devices.change(deviceId, { lastError: answer.why });
    }
  }

  async function round(): Promise<void> {
    for (const notice of await queue.due(nowMs(), NOTICES_AT_ONCE)) await spread(notice);
    while (underWay.size < AT_ONCE && !stop.signal.aborted) {
      const delivery = await queue.claim(nowMs(), LEASE_MS);
      if (!delivery) break;
      // A clock that jumps ends leases at once, also of what is just being sent here.
      if (underWay.has(delivery.id)) continue;
      const work = deliver(delivery)
        // Its lease runs out, and it is tried again.
        .catch(onError)
        .finally(() => {
          underWay.delete(delivery.id);
          // There may be more than could be sent at once.
          if (underWay.size === AT_ONCE - 1) look();
        });
      underWay.set(delivery.id, work);
    }
    await askForReceipts().catch((error) => {
      if (!stop.signal.aborted) onError(error);
    });
    if (nowMs() - sweptMs > SWEEP_MS) {
      sweptMs = nowMs();
      await queue.forget(nowMs() - KEPT_MS);
    }
  }

  /** One look at a time, and the next a while after it. */
  function look(): void {
    if (timer) clearTimeout(timer);
    timer = null;
    running = running
      .then(() => (stop.signal.aborted ? undefined : round()))
      .catch(onError)
      .then(() => {
        if (stop.signal.aborted) return;
        if (timer) clearTimeout(timer);
        timer = setTimeout(look, options.pollMs ?? POLL_MS);
      });
  }

  return {
    async start() {
      await queue.release();
      look();
    },
    async [Symbol.asyncDispose]() {
      stop.abort(new Error("the server stops"));
      if (timer) clearTimeout(timer);
      await running;
      await Promise.all(underWay.values());
    },
  };
}
