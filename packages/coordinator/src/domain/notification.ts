/** Telling people on their devices. `notify/` sends, `database/` keeps, and the rules are pure. */
import type {
  DeviceChannel,
  DeviceInfo,
  DeviceKinds,
  DeviceTarget,
  DeviceTest,
  NeedReason,
  NotificationKind,
  PushNotification,
  RegisterDevice,
  UpdateDevice,
} from "@farhand/protocol";
import type { Identity } from "./identity.ts";

/** What is worth telling of a task. A newer one takes the place of one that was not told yet. */
export interface Notice {
  taskId: string;
  userId: string;
  /** Number of the event that it came of. */
  seq: number;
  kind: NotificationKind;
  reason: NeedReason | null;
  /** What it is about, so that the same is told to a device once: a question's id, a limit, an event's number. */
  subject: string;
  /** Not told before. */
  dueMs: number;
}

/** A notice on its way to one device. */
export interface Delivery {
  /** The notification's id. */
  id: string;
  userId: string;
  deviceId: string;
  taskId: string;
  kind: NotificationKind;
  reason: NeedReason | null;
  subject: string;
  createdMs: number;
  /** Tries that have begun, this one included. */
  attempts: number;
}

export interface Device {
  id: string;
  userId: string;
  /** The sign-in that it ends with; null for one that stands on its own. */
  sessionId: string | null;
  channel: DeviceChannel;
  label: string;
  host: string;
  kinds: DeviceKinds;
  addedAt: string;
  lastSentAt: string | null;
  lastError: string | null;
}

export interface DeviceStore {
  list(userId: string): Promise<Device[]>;
  get(deviceId: string): Promise<Device | null>;
  /** The one that is reached at the same place, whoever's it is. `targetHash` tells places apart. */
  byTarget(targetHash: string): Promise<Device | null>;
  put(device: Device, targetHash: string): Promise<void>;
  change(
    deviceId: string,
    change: Partial<Pick<Device, "label" | "kinds" | "lastSentAt" | "lastError">>,
  ): Promise<void>;
  /** With what was to be delivered to it. False where there is none. */
  remove(deviceId: string): Promise<boolean>;
}

/** How a delivery that was claimed goes on. */
export type Settlement =
  /** `receipt`: to be asked for at that time, to learn what became of it. */
  | { status: "sent"; receipt: { id: string; dueMs: number } | null }
  | { status: "retry"; nextMs: number; why: string }
  | { status: "dropped" | "failed"; why: string };

/** A message that was handed over, of which the service can say later whether it arrived. */
export interface Receipt {
  deliveryId: string;
  deviceId: string;
  receiptId: string;
  sentMs: number;
}

/** Notices and deliveries, kept until they are done. */
export interface DeliveryQueue {
  due(nowMs: number, limit: number): Promise<Notice[]>;
  /** What a device was sent of a task since then: how many, and the subjects ever. */
  history(
    deviceId: string,
    taskId: string,
    sinceMs: number,
  ): Promise<{ count: number; subjects: ReadonlySet<string> }>;
  /**
   * Puts deliveries in the notice's place, unless a newer one has taken it. What still waits for these devices of the
   * same task is given up.
   */
  spread(notice: Notice, deliveries: { id: string; deviceId: string }[], nowMs: number): Promise<void>;
  /** Takes the delivery that is due longest, for so long that nobody else takes it meanwhile. */
  claim(nowMs: number, leaseMs: number): Promise<Delivery | null>;
  settle(deliveryId: string, settlement: Settlement, nowMs: number): Promise<void>;
  /** Gives back what a coordinator that is gone had claimed. */
  release(): Promise<void>;
  dueReceipts(nowMs: number, limit: number): Promise<Receipt[]>;
  /** Asks again at that time; null for never. */
  postponeReceipt(deliveryId: string, nextMs: number | null): Promise<void>;
  /** Forgets what was done before that time. */
  forget(beforeMs: number): Promise<void>;
}

/** What came of handing a notification over. The sentences hold no address and no token. */
export type Sent =
  | { status: "sent"; receiptId: string | null }
  /** Nobody will ever be reached there again. */
  | { status: "gone"; why: string }
  | { status: "retry"; afterMs: number | null; why: string }
  | { status: "refused"; why: string };

export type ReceiptAnswer =
  | { status: "ok" }
  | { status: "unknown" }
  | { status: "gone" | "failed"; why: string };

/** One way to reach devices. */
export interface Notifier<T extends DeviceTarget = DeviceTarget> {
  /** Never rejects but for a bug. */
  send(to: { userId: string; target: T }, notification: PushNotification, signal: AbortSignal): Promise<Sent>;
  /** Where the service tells later what became of a message. */
  receipts?(ids: string[], signal: AbortSignal): Promise<ReadonlyMap<string, ReceiptAnswer>>;
}

export type Notifiers = {
  [C in DeviceChannel]: Notifier<Extract<DeviceTarget, { channel: C }>>;
};

/** What people may do with their devices. `notify/` does it; `http/` passes it on. Throws `not_found`. */
export interface DeviceKeeper {
  vapidKey(): Promise<string>;
  list(identity: Identity): Promise<DeviceInfo[]>;
  /** Throws `address_refused`, and `conflict` for one too many. */
  register(identity: Identity, device: RegisterDevice): Promise<{ device: DeviceInfo; isNew: boolean }>;
  update(identity: Identity, deviceId: string, change: UpdateDevice): Promise<DeviceInfo>;
  remove(identity: Identity, deviceId: string): Promise<DeviceInfo>;
  test(identity: Identity, deviceId: string): Promise<DeviceTest>;
}
